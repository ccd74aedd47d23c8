"""Versions, headers, URLs and content types."""

from tests.differential.scenario import Ask, Probe, Scenario
from tests.differential.scenarios.steps import volume
from tests.differential.stage import OTHER_PROJECT, PROJECT

_VERSIONS = (
    "volume 3.0",
    "volume 3.71",
    "volume 3.72",
    "volume 3.999",
    "volume 2.0",
    "volume 1.0",
    "volume 4.0",
    "volume 3",
    "volume 3.01",
    "volume abc",
    "volume",
    "volume latest",
    "volume LATEST",
    "latest",
    "3.10",
    "compute 2.1",
    "compute 2.1,volume 3.10",
    "compute 2.1, volume 3.10",
    "volume 3.10,volume 3.20",
    "volumev3 3.10",
    "block-storage 3.10",
    "Volume 3.10",
    "volume  3.10",
    "volume 3.10 x",
    "",
)
_PATHS = (
    ("GET", "!/"),
    ("GET", "!"),
    ("GET", "!/v3"),
    ("GET", "!/v3/"),
    ("GET", "!/v2/"),
    ("GET", "!/v4/volumes"),
    ("GET", "!/v3/nothing"),
    ("GET", f"!/v3/{PROJECT}/volumes"),
    ("GET", f"!/v3/{OTHER_PROJECT}/volumes"),
    ("GET", "!/v3/no-project/volumes"),
    ("GET", f"!/v3/{PROJECT}/"),
    ("GET", f"!/v3/{PROJECT}"),
    ("GET", f"!/v3/{PROJECT}/volumes/{{volume}}"),
    ("GET", f"!/v3/{PROJECT}/volumes/detail?limit=1"),
    ("GET", "!/v3/volumes/detail?limit=1"),
    ("GET", f"!/v3/{PROJECT}/nothing"),
    ("GET", "!/v3/volumes?limit=1&limit=2"),
    ("GET", "!/v3/volumes?name=%00"),
    ("GET", "!/v3/volumes/%00"),
    ("GET", "!/v3/volumes/{volume}/"),
    ("GET", "!/v3//volumes"),
    ("POST", "!/"),
    ("POST", "!/v3/"),
    ("DELETE", f"!/v3/{PROJECT}/volumes"),
    ("GET", "!/v3/volumes?%ff=1"),
    ("GET", "!/v3/volumes?name=%ff"),
    ("GET", "!/v3/volumes/%ff"),
)
_BODY = {"volume": {"size": 1}}
_TYPES = (
    "application/json",
    "application/json; charset=utf-8",
    "application/vnd.openstack.volume+json",
    "application/vnd.openstack.volume+json;version=3",
    "Application/JSON",
    "text/json",
    "application/xml",
    "application/x-www-form-urlencoded",
)

SCENARIOS = (
    Scenario(
        "negotiation/versions",
        (),
        [
            Probe((Ask(method, path, body, version=None, headers={"OpenStack-API-Version": text}, note=text),))
            for text in _VERSIONS
            for method, path, body in (
                ("GET", "/volumes", None),
                ("GET", "/attachments", None),
                ("GET", "/nothing", None),
            )
        ]
        + [Probe((Ask("GET", "/volumes", version=None),)), Probe((Ask("GET", "/messages", version=None),))],
    ),
    Scenario(
        "negotiation/paths",
        (volume(),),
        [Probe((Ask(method, path, role=role),)) for method, path in _PATHS for role in ("admin", "member")],
    ),
    Scenario(
        "negotiation/content-types",
        (),
        [
            Probe((Ask("POST", path, _BODY, headers={"Content-Type": kind}, note=kind),))
            for kind in _TYPES
            for path in ("/volumes", "/snapshots")
        ],
    ),
    Scenario(
        "negotiation/accept",
        (volume(),),
        [
            Probe((Ask("GET", "/volumes/{volume}", headers={"Accept": kind}, note=kind),))
            for kind in ("application/json", "application/xml", "text/html", "*/*", "")
        ],
    ),
    Scenario(
        "negotiation/large-bodies",
        (),
        [
            Probe(
                (
                    Ask(
                        "POST",
                        "/volumes",
                        raw=b'{"volume": {"size": 1, "name": "' + b"x" * size + b'"}}',
                        note=str(size),
                    ),
                )
            )
            for size in (114000, 114688, 200000)
        ],
    ),
    Scenario(
        "negotiation/odd-json",
        (),
        [
            Probe((Ask("POST", "/volumes", raw=raw, note=note),))
            for note, raw in {
                "twice": b'{"volume": {"size": 1, "size": 2}}',
                "NaN": b'{"volume": {"size": NaN}}',
                "float": b'{"volume": {"size": 1.0}}',
                "exponent": b'{"volume": {"size": 1e0}}',
                "surrogate": b'{"volume": {"size": 1, "name": "\\ud800"}}',
                "nul": b'{"volume": {"size": 1, "name": "a\\u0000b"}}',
                "blanks": b'  {"volume": {"size": 1}}\n',
                "trailing": b'{"volume": {"size": 1}} x',
                "deep": b'{"volume": ' + b"[" * 5000 + b"]" * 5000 + b"}",
                "mark": b'\xef\xbb\xbf{"volume": {"size": 1}}',
                "large number": b'{"volume": {"size": 99999999999999999999999999}}',
            }.items()
        ],
    ),
    Scenario(
        "negotiation/forwarded",
        (volume(),),
        [
            Probe((Ask("GET", "/volumes/{volume}", headers=headers, note=str(headers)),))
            for headers in (
                {"X-Forwarded-Host": "outside"},
                {"X-Forwarded-Host": "first, last"},
                {"X-Forwarded-Proto": "https"},
                {"X-Forwarded-Prefix": "/volume"},
                {"X-OpenStack-Request-ID": "req-11111111-1111-1111-1111-111111111111"},
            )
        ],
    ),
)
