"""What a running loop, or a call with these arguments, never does: branches and alternatives ruled out."""
