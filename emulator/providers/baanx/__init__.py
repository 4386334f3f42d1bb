"""Baanx: a card programme's API. A user orders a product, pays it in crypto elsewhere, and the app polls the order.

Sources: the pages under https://docs.baanx.com named in each module, seen 2026-11.
"""

from emulator.core.provider import Endpoint, Provider
from emulator.providers.baanx import authentication, catalogue, errors, lifecycle, orders, products, settings

_REFERENCE = "https://docs.baanx.com/api-reference"

provider = Provider(
    name="baanx",
    title="Baanx",
    public_hosts=("api.baanx.com", "dev.api.baanx.com"),
    endpoints=(
        Endpoint(
            name="create-order",
            method="POST",
            path="/v1/order",
            handle=orders.create_order,
            checks=(authentication.require_user, authentication.require_order_permission),
            about="Starts an order for a product and says where to pay.",
            source=f"{_REFERENCE}/order/create",
        ),
        Endpoint(
            name="get-order",
            method="GET",
            path="/v1/order/{order_id}",
            handle=orders.get_order,
            checks=(authentication.require_user, authentication.require_order_permission),
            about="Shows an order; apps poll it.",
            source=f"{_REFERENCE}/order/status",
        ),
        Endpoint(
            name="list-products",
            method="GET",
            path="/v1/order/products/available",
            handle=products.list_products,
            checks=(authentication.require_user, authentication.require_order_permission),
            about="Lists what the user may order.",
            source=f"{_REFERENCE}/order/enum-products",
        ),
    ),
    lifecycle=lifecycle.LIFECYCLE,
    errors=errors.ERRORS,
    settings=settings.SETTINGS,
    checks=(
        errors.require_path,
        errors.require_method,
        errors.require_small_body,
        authentication.require_client_key,
        authentication.require_rate,
    ),
    render=errors.render,
    find_sandbox=authentication.find_sandbox,
    credentials=authentication.credentials,
    seed=catalogue.seed,
    body_limit=errors.BODY_LIMIT,
)
