"""A world around two failover endpoints: virtual time, a seeded network, clients, and the questions a change board asks of a plan.

Everything here is reproducible: the same plan and seed give the same events, whatever the machine, and no clock or socket is read.
"""
