"""One fixer a file; docs/fixes.md tells how to write one."""
