"""Benchmarks: what an operation costs in CPU, beside what Cinder 29 needs for it on a machine of the same kind.

CPU is user and system time of the service's processes with all their children, so that it holds on a busy machine
too. `python -m bench --help` lists the questions.
"""
