"""The words of the hosted page in its two languages. Assumed."""

from collections.abc import Mapping

from emulator.providers.basswallet.payments import Reason
from emulator.providers.basswallet.wire import (
    AWAITING_CONFIRMATION,
    CANCELLED,
    EXPIRED,
    FAILED,
    PENDING,
    SUCCESS,
    UNDERPAID,
)

ENGLISH, CHINESE = "en-US", "zh-CN"

WORDS: Mapping[str, Mapping[str, str]] = {
    ENGLISH: {
        "title": "Payment",
        "order": "Order",
        "amount": "Amount",
        "min_amount": "Amount, at least",
        "missing": "Missing",
        "received": "Received",
        "address": "Address",
        "network": "Network",
        "hash": "Transaction",
        "payments": "Payments",
        "seen": "Payment seen, {count} of {needed} confirmations",
        "confirmed": "{count} of {needed} confirmations",
        "wait": "You may close this page; the payment goes on.",
        "send": "Send only {token} on {chain} to this address.",
        "qr": "QR code of the address",
        "return": "Back to merchant",
        "wallet": "Amount to pay from the sandbox wallet",
        "pay": "Pay (sandbox)",
        "bad_sum": "Amount is not valid",
        "unknown_title": "Order not found",
        "unknown": "The link is incomplete, or the order no longer exists. Ask the merchant for a new one.",
    },
    CHINESE: {
        "title": "支付",
        "order": "订单号",
        "amount": "支付金额",
        "min_amount": "支付金额 ≥",
        "missing": "还需支付",
        "received": "已收到",
        "address": "收款地址",
        "network": "网络",
        "hash": "交易哈希",
        "payments": "付款记录",
        "seen": "已收到付款，{count}/{needed} 个确认",
        "confirmed": "{count}/{needed} 个确认",
        "wait": "您可以关闭此页面，付款会继续处理。",
        "send": "请仅通过 {chain} 网络向此地址支付 {token}。",
        "qr": "收款地址二维码",
        "return": "返回商户",
        "wallet": "沙盒钱包支付金额",
        "pay": "支付（沙盒）",
        "bad_sum": "金额无效",
        "unknown_title": "订单不存在",
        "unknown": "链接不完整或订单已不存在，请向商户索取新的链接。",
    },
}

STATUSES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    PENDING: ("wait", {ENGLISH: "Awaiting payment", CHINESE: "待支付"}),
    AWAITING_CONFIRMATION: ("busy", {ENGLISH: "Confirming", CHINESE: "待确认"}),
    SUCCESS: ("good", {ENGLISH: "Success", CHINESE: "成功"}),
    FAILED: ("bad", {ENGLISH: "Failed", CHINESE: "失败"}),
    UNDERPAID: ("short", {ENGLISH: "Underpaid", CHINESE: "金额不足"}),
    EXPIRED: ("over", {ENGLISH: "Expired", CHINESE: "订单过期"}),
    CANCELLED: ("over", {ENGLISH: "Cancelled", CHINESE: "订单取消"}),
}
"""Status -> the shape and colour in which it is shown, and its word in each language."""

REASONS: Mapping[Reason, Mapping[str, str]] = {
    "pair": {ENGLISH: "Another token or network, not credited", CHINESE: "币种或网络不符，未入账"},
    "amount": {ENGLISH: "Amount is not valid, not credited", CHINESE: "金额无效，未入账"},
    "minimum": {ENGLISH: "Below the minimum, not credited", CHINESE: "低于最低金额，未入账"},
    "paid": {ENGLISH: "Order already paid, not credited", CHINESE: "订单已支付，未入账"},
    "late": {ENGLISH: "Too late, not credited", CHINESE: "已超过支付时间，未入账"},
    "closed": {ENGLISH: "Order closed, not credited", CHINESE: "订单已关闭，未入账"},
}
"""Why a payment was not credited."""
