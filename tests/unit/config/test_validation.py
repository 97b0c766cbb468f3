"""Contradictions between entries, each with its exact line."""

from typing import Any

import pytest

pytestmark = pytest.mark.unit

TWO_SWITCHES = '[[switch]]\nname = "pbx2"\nport = 5039\nsecret_env = "AMI"\n'
TRUNK = '[[trunk_group]]\nname = "carrier"\ncapacity = 3\nendpoints = '

# what is written behind the smallest files, the lines `acd check` prints
CONTRADICTIONS = [
    # references
    (
        {"agents": '[agents.bob]\nphone = "1002"\nqueues = ["sale"]\n'},
        ['agents.toml:7: error: agents.bob.queues[0]: unknown queue "sale" (did you mean "sales"?)'],
    ),
    (
        {"agents": '[agents.bob]\nphone = "1002"\nqueues = ["sales"]\ngroups = ["front"]\n'},
        [
            (
                'agents.toml:8: error: agents.bob.groups[0]: unknown group "front" '
                "(declare it in agents.toml: [groups.front])"
            )
        ],
    ),
    (
        {"agents": '[groups.front]\nqueues = ["zzz"]\n'},
        [
            (
                'agents.toml:6: error: groups.front.queues[0]: unknown queue "zzz" '
                "(declare it in queues.toml: [queues.zzz])"
            )
        ],
    ),
    (
        {"agents": '[agents.bob]\nphone = "1002"\nqueues = ["sales"]\nskills = { fr = 5, fra = 5 }\n'},
        ['agents.toml:8: error: agents.bob.skills.fra: unknown skill "fra" (did you mean "fr"?)'],
    ),
    (
        {"queues": "[queues.b]\nrequire.de = 5\n", "agents": '[groups.front]\nqueues = ["b"]\n'},
        [
            (
                'queues.toml:4: error: queues.b.require.de: unknown skill "de" '
                "(declare it in skills.toml: [skills.de])"
            ),
        ],
    ),
    # switches
    (
        {"acd": '[[switch]]\nname = "pbx1"\nport = 5039\nsecret_env = "AMI"\n'},
        ['acd.toml:5: error: switch[1].name: another switch is named "pbx1"'],
    ),
    (
        {"acd": TWO_SWITCHES.replace("5039", "5038"), "agents": 'switch = "pbx1"\n'},
        [
            (
                'acd.toml:4: error: switch[1].host: 127.0.0.1:5038 is the address of switch "pbx1" already '
                "(one Asterisk listed twice would count each call twice)"
            )
        ],
    ),
    (
        {"acd": TWO_SWITCHES},
        [
            (
                "agents.toml:1: error: agents.alice.switch: required key is missing: there are several switches "
                "(write one of pbx1, pbx2)"
            )
        ],
    ),
    (
        {"agents": '[supervisors.eve]\nphone = "1009"\nswitch = "pbx"\n'},
        ['agents.toml:7: error: supervisors.eve.switch: unknown switch "pbx" (did you mean "pbx1"?)'],
    ),
    (
        {"agents": 'switch = "pbx"\n'},
        ['agents.toml:5: error: agents.alice.switch: unknown switch "pbx" (did you mean "pbx1"?)'],
    ),
    (
        {"acd": TRUNK + '["t"]\nswitch = "zzz"\n'},
        ['acd.toml:8: error: trunk_group[0].switch: unknown switch "zzz" (known switches: pbx1)'],
    ),
    (
        {"acd": 'reconnect_first = "20s"\n'},
        ["acd.toml:4: error: switch[0].reconnect_first: 20s is longer than reconnect_cap 10s"],
    ),
    # one endpoint, one owner
    (
        {"agents": '[agents.bob]\nphone = "PJSIP/1001"\nqueues = ["sales"]\n'},
        ['agents.toml:6: error: agents.bob.phone: PJSIP/1001 is used by agent "alice" already'],
    ),
    (
        {"acd": TRUNK + '["1001"]\n'},
        ['agents.toml:2: error: agents.alice.phone: PJSIP/1001 is used by trunk group "carrier" already'],
    ),
    (
        {"acd": TRUNK + '["t", "PJSIP/t"]\n'},
        ['acd.toml:7: error: trunk_group[0].endpoints[1]: PJSIP/t is used by trunk group "carrier" already'],
    ),
    (
        {"acd": TRUNK + '["t"]\n' + TRUNK.replace("carrier", "other") + '["u", "t"]\n'},
        ['acd.toml:11: error: trunk_group[1].endpoints[1]: PJSIP/t is used by trunk group "carrier" already'],
    ),
    (
        {"acd": TRUNK + '["t"]\n' + TRUNK + '["u"]\n'},
        ['acd.toml:9: error: trunk_group[1].name: another trunk group is named "carrier"'],
    ),
    (
        {"acd": f'{TRUNK}["DAHDI/1-24", "DAHDI/g1"]\n'},
        [
            (
                "acd.toml:7: error: trunk_group[0].endpoints[1]: DAHDI/g1 is no line that calls arrive on "
                '(a channel "DAHDI/5", channels "DAHDI/1-24" in rising order, or an ISDN span "DAHDI/i1")'
            )
        ],
    ),
    (
        {"acd": f'{TRUNK}["DAHDI/24-1"]\n'},
        [
            (
                "acd.toml:7: error: trunk_group[0].endpoints[0]: DAHDI/24-1 is no line that calls arrive on "
                '(a channel "DAHDI/5", channels "DAHDI/1-24" in rising order, or an ISDN span "DAHDI/i1")'
            )
        ],
    ),
    (
        {"acd": f'{TRUNK}["DAHDI/1-24", "DAHDI/20-30", "DAHDI/31", "DAHDI/i2"]\n'},
        [
            (
                "acd.toml:7: error: trunk_group[0].endpoints[1]: DAHDI/20-30 shares lines with DAHDI/1-24 "
                'of trunk group "carrier"'
            )
        ],
    ),
    # staffing
    (
        {"queues": "[queues.b]\n"},
        ["queues.toml:3: warning: queues.b: no agent serves this queue (name it in an agent's queues)"],
    ),
    (
        {"agents": '[agents.bob]\nphone = "1002"\n'},
        ['agents.toml:5: warning: agents.bob: this agent serves no queue (write queues = ["NAME"])'],
    ),
    (
        {
            "queues": "[queues.b]\nrequire = { fr = 8, de = 3 }\n",
            "agents": '[groups.g]\nqueues = ["b"]\n'
            + "".join(
                f'[agents.{name}]\nphone = "{name}"\ngroups = ["g"]\nskills = {{ {skills} }}\n'
                for name, skills in (
                    ("w", "de = 1"),
                    ("x", "fr = 9"),
                    ("y", "fr = 7, de = 9"),
                    ("z", "de = 2"),
                )
            ),
            "skills": "[skills.de]\n",
        },
        [
            (
                "queues.toml:4: warning: queues.b.require: no agent of this queue has fr 8, de 3 "
                "(nearest: y (fr 7, de 9); x (fr 9, de 0); z (fr 0, de 2))"
            )
        ],
    ),
    # doors
    (
        {"acd": f'[daemon]\ncontrol_socket = "/{"é" * 60}"\n'},
        [
            "acd.toml:5: error: daemon.control_socket: a Unix socket's path has at most 107 bytes, this has 121"
        ],
    ),
    (
        {"acd": '[agi]\nallow = ["::1", "0.0.0.0/0"]\n'},
        [
            (
                "acd.toml:5: warning: agi.allow[1]: 0.0.0.0/0 lets every address in "
                "(who can connect can put calls into queues: name the addresses of the switches)"
            )
        ],
    ),
    (
        {"acd": "[agi]\nallow = []\n"},
        ["acd.toml:5: warning: agi.allow: nobody may connect: no call can come in"],
    ),
]


@pytest.mark.parametrize(("add", "lines"), CONTRADICTIONS)
def test_a_contradiction_is_told_with_both_sides(
    load_text: Any, add: dict[str, str], lines: list[str]
) -> None:
    loaded = load_text(add=add)

    assert sorted(str(problem) for problem in loaded.problems) == sorted(lines)
    assert (loaded.settings is None) == any(" error: " in line for line in lines)


def test_no_switch_at_all_is_an_error(load_text: Any) -> None:
    (problem,) = load_text(acd="").problems

    assert str(problem) == (
        'acd.toml: error: switch: no Asterisk to talk to (add [[switch]] with name = "pbx1" to acd.toml)'
    )


def test_the_same_phone_on_two_switches_is_two_phones(load_text: Any) -> None:
    loaded = load_text(
        add={
            "acd": TWO_SWITCHES,
            "agents": 'switch = "pbx1"\n[agents.bob]\nphone = "1001"\nswitch = "pbx2"\nqueues = ["sales"]\n',
        }
    )

    assert loaded.problems == ()


def test_naming_the_only_switch_or_not_is_the_same_phone(load_text: Any) -> None:
    (problem,) = load_text(
        add={"agents": '[agents.bob]\nphone = "1001"\nswitch = "pbx1"\nqueues = ["sales"]\n'}
    ).problems

    assert problem.message == 'PJSIP/1001 is used by agent "alice" already'
