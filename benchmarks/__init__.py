"""What is measured: each module is a program, ``python -m benchmarks.NAME``; none is shipped."""
