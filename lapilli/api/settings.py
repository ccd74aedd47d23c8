"""The operator's settings for the HTTP edge, under oslo.middleware's names."""

from dataclasses import dataclass

from lapilli.model.options import option


@dataclass(frozen=True)
class MiddlewareSettings:
    """`[oslo_middleware]`: what happens to a request before anybody reads it."""

    max_request_body_size: int = option(
        114688, low=1, legacy=("DEFAULT/osapi_max_request_body_size",), help="Bytes of the largest body that is read."
    )
    enable_proxy_headers_parsing: bool = option(
        False, help="Believe the headers of a proxy in front: Forwarded, X-Forwarded-Proto, -Host and -Prefix."
    )


@dataclass(frozen=True)
class HealthSettings:
    """`[healthcheck]`: how an operator takes this API out of a load balancer."""

    disable_by_file_path: str | None = option(
        "/etc/cinder/healthcheck_disable", help="While this file exists, /healthcheck answers 503."
    )
