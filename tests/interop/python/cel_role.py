"""Gives an agent a role in a group, as `cel group ID supervisor create` does once the agent's terminal is open.

Arguments: the group, the role, the session that the role is known by, the agent.
"""

import sys

from mycel_cli.group._cli.workflow_participants import upsert_keep_participant
from mycel_cli.group._state.roles import add_role

group, role, session, agent = sys.argv[1:]
add_role(group, session, role=role, name=role, agent_type="codex", local_id=agent)
upsert_keep_participant(group, role=role, session=session, name=role, user_id=agent)
