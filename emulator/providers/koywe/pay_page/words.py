"""The words of the pay page in its three languages. Assumed."""

from collections.abc import Mapping

SPANISH, PORTUGUESE, ENGLISH = "es", "pt", "en"

WORDS: Mapping[str, Mapping[str, str]] = {
    SPANISH: {
        "title": "Pagar",
        "shop": "Comercio",
        "amount": "Monto",
        "method": "Medio de pago",
        "choose": "Elige un medio de pago",
        "due": "Vence",
        "order": "Orden",
        "gets": "Recibes",
        "for": "Concepto",
        "pay": "Pagar",
        "leave": "Cancelar y volver",
        "card": "Número de tarjeta",
        "card_help": "Tarjetas de prueba:",
        "qr": "Código QR de este pago",
        "code": "Código para pagar",
        "scan": "Escanea el código con la app de tu banco o billetera.",
        "clabe": "CLABE",
        "transfer": "Transfiere el monto exacto a esta cuenta",
        "no_method": "Ningún medio de pago acepta este monto.",
        "limits": "acepta de",
        "to": "a",
        "left_title": "No se pagó nada",
        "left": "Puedes volver y pagar mientras la orden esté abierta.",
        "back": "Volver al pago",
        "to_shop": "Volver al comercio",
        "unknown_title": "No encontramos este pago",
        "unknown": "El enlace está incompleto o ya no existe. Pide uno nuevo al comercio.",
        "secured": "Pago procesado por Koywe",
    },
    PORTUGUESE: {
        "title": "Pagar",
        "shop": "Loja",
        "amount": "Valor",
        "method": "Forma de pagamento",
        "choose": "Escolha a forma de pagamento",
        "due": "Vence em",
        "order": "Pedido",
        "gets": "Você recebe",
        "for": "Descrição",
        "pay": "Pagar",
        "leave": "Cancelar e voltar",
        "card": "Número do cartão",
        "card_help": "Cartões de teste:",
        "qr": "Código QR deste pagamento",
        "code": "Código para pagar",
        "scan": "Escaneie o código com o app do seu banco.",
        "clabe": "CLABE",
        "transfer": "Transfira o valor exato para esta conta",
        "no_method": "Nenhuma forma de pagamento aceita este valor.",
        "limits": "aceita de",
        "to": "a",
        "left_title": "Nada foi pago",
        "left": "Você pode voltar e pagar enquanto o pedido estiver aberto.",
        "back": "Voltar ao pagamento",
        "to_shop": "Voltar à loja",
        "unknown_title": "Não encontramos este pagamento",
        "unknown": "O link está incompleto ou não existe mais. Peça um novo à loja.",
        "secured": "Pagamento processado por Koywe",
    },
    ENGLISH: {
        "title": "Pay",
        "shop": "Shop",
        "amount": "Amount",
        "method": "Payment method",
        "choose": "Choose a payment method",
        "due": "Due",
        "order": "Order",
        "gets": "You get",
        "for": "For",
        "pay": "Pay",
        "leave": "Cancel and go back",
        "card": "Card number",
        "card_help": "Test cards:",
        "qr": "QR code of this payment",
        "code": "Code to pay with",
        "scan": "Scan the code with the app of your bank or wallet.",
        "clabe": "CLABE",
        "transfer": "Transfer the exact amount to this account",
        "no_method": "No payment method takes this amount.",
        "limits": "takes from",
        "to": "to",
        "left_title": "Nothing was paid",
        "left": "You can come back and pay as long as the order is open.",
        "back": "Back to the payment",
        "to_shop": "Back to the shop",
        "unknown_title": "We cannot find this payment",
        "unknown": "The link is incomplete, or no longer exists. Ask the shop for a new one.",
        "secured": "Payment processed by Koywe",
    },
}

STATUSES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "DRAFT": ("over", {SPANISH: "Borrador", PORTUGUESE: "Rascunho", ENGLISH: "Draft"}),
    "PENDING": ("wait", {SPANISH: "Pendiente de pago", PORTUGUESE: "Aguardando pagamento",
                         ENGLISH: "Awaiting payment"}),
    "PROCESSING": ("busy", {SPANISH: "Procesando el pago", PORTUGUESE: "Processando o pagamento",
                            ENGLISH: "Processing the payment"}),
    "PAID": ("good", {SPANISH: "Pagado", PORTUGUESE: "Pago", ENGLISH: "Paid"}),
    "COMPLETED": ("good", {SPANISH: "Pagado y acreditado", PORTUGUESE: "Pago e creditado",
                           ENGLISH: "Paid and delivered"}),
    "FAILED": ("bad", {SPANISH: "Rechazado", PORTUGUESE: "Recusado", ENGLISH: "Declined"}),
    "CANCELLED": ("over", {SPANISH: "Cancelado", PORTUGUESE: "Cancelado", ENGLISH: "Cancelled"}),
    "EXPIRED": ("over", {SPANISH: "Vencido", PORTUGUESE: "Expirado", ENGLISH: "Expired"}),
    "ON_HOLD": ("busy", {SPANISH: "En revisión", PORTUGUESE: "Em análise", ENGLISH: "Under review"}),
    "REFUND_REQUESTED": ("busy", {SPANISH: "Reembolso solicitado", PORTUGUESE: "Reembolso solicitado",
                                  ENGLISH: "Refund requested"}),
    "REFUNDED": ("over", {SPANISH: "Reembolsado", PORTUGUESE: "Reembolsado", ENGLISH: "Refunded"}),
}  # fmt: skip
"""Status -> the shape and colour in which it is shown, and its words in each language."""

METHODS: Mapping[str, Mapping[str, str]] = {
    "CARD": {SPANISH: "Tarjeta", PORTUGUESE: "Cartão", ENGLISH: "Card"},
    "CARD_PAYMENT": {SPANISH: "Tarjeta", PORTUGUESE: "Cartão", ENGLISH: "Card"},
    "PIX": {SPANISH: "Pix", PORTUGUESE: "Pix", ENGLISH: "Pix"},
    "PIX_STATIC": {SPANISH: "Pix estático", PORTUGUESE: "Pix estático", ENGLISH: "Pix, static"},
    "PIX_DYNAMIC": {SPANISH: "Pix dinámico", PORTUGUESE: "Pix dinâmico", ENGLISH: "Pix, dynamic"},
    "SIP_QR": {SPANISH: "QR simple", PORTUGUESE: "QR simples", ENGLISH: "Simple QR"},
}
"""Methods whose name in the catalogue is a code."""

CARDS: Mapping[str, Mapping[str, str]] = {
    "4242424242424242": {SPANISH: "paga", PORTUGUESE: "paga", ENGLISH: "pays"},
    "4000000000000002": {SPANISH: "es rechazada", PORTUGUESE: "é recusado", ENGLISH: "is declined"},
    "4000000000009995": {SPANISH: "no tiene fondos", PORTUGUESE: "não tem saldo", ENGLISH: "has insufficient funds"},
}
"""Test card -> what it does."""

PROBLEMS: Mapping[str, Mapping[str, str]] = {
    "card": {
        SPANISH: "Esta tarjeta no existe aquí. Usa una de las tarjetas de prueba.",
        PORTUGUESE: "Este cartão não existe aqui. Use um dos cartões de teste.",
        ENGLISH: "There is no such card here. Use one of the test cards.",
    },
    "no_card": {
        SPANISH: "Este medio de pago no usa tarjeta. Deja el número vacío o elige Tarjeta.",
        PORTUGUESE: "Esta forma de pagamento não usa cartão. Deixe o número vazio ou escolha Cartão.",
        ENGLISH: "This payment method takes no card. Leave the number empty, or choose Card.",
    },
    "method": {
        SPANISH: "Esta orden no se puede pagar con ese medio. Elige uno de la lista.",
        PORTUGUESE: "Este pedido não pode ser pago assim. Escolha uma forma da lista.",
        ENGLISH: "This order cannot be paid by that method. Choose one of the list.",
    },
    "outcome": {
        SPANISH: "No se entendió la respuesta. Pulsa Pagar otra vez.",
        PORTUGUESE: "Não entendemos a resposta. Aperte Pagar outra vez.",
        ENGLISH: "The answer could not be read. Press Pay again.",
    },
    "amount-below-minimum": {
        SPANISH: "El monto es menor que el mínimo de {method}: {limit}.",
        PORTUGUESE: "O valor é menor que o mínimo de {method}: {limit}.",
        ENGLISH: "The amount is below the least that {method} takes: {limit}.",
    },
    "amount-above-maximum": {
        SPANISH: "El monto es mayor que el máximo de {method}: {limit}.",
        PORTUGUESE: "O valor é maior que o máximo de {method}: {limit}.",
        ENGLISH: "The amount is above the most that {method} takes: {limit}.",
    },
    "closed": {
        SPANISH: "Esta orden ya no se puede pagar.",
        PORTUGUESE: "Este pedido não pode mais ser pago.",
        ENGLISH: "This order can no longer be paid.",
    },
}
"""What was wrong with what the payer sent; `{method}` and `{limit}` are filled in."""
