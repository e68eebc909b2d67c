"""Spanish."""

from seatwright.delivery.domain.words.shape import LetterWords, Note, NoticeWords, Words

WORDS = Words(
    language="es",
    locale="es",
    date="Fecha",
    venue="Lugar",
    section="Sector",
    row="Fila",
    seat="Asiento",
    place="Plaza",
    order="Pedido",
    name="Nombre",
    category="Categoría",
    price="Precio",
    position="Entrada {number} de {count}",
    doors="Apertura de puertas a las {time}",
    doors_label="Apertura de puertas",
    doors_other_day="Apertura de puertas el {date}, {time}",
    code_alt="El código de la entrada, para escanear en el acceso",
    terms=(
        "Válida para una persona y un solo acceso: cuenta el primer escaneo del código y toda "
        "copia posterior se rechaza. No comparta el código."
    ),
    tickets_title="Entradas {code}",
    notes=(
        Note(
            "En el acceso",
            "Muestre el código en papel o en el teléfono, uno por persona. Venga con tiempo: las "
            "colas son más cortas justo tras la apertura.",
        ),
        Note(
            "Su pedido",
            "Puede volver a descargar estas entradas en la página de su pedido. El enlace está en "
            "el correo que trajo esta hoja.",
        ),
        Note(
            "Impresión",
            "Imprima a tamaño completo en papel blanco; basta en blanco y negro. Doble por la "
            "línea de puntos con el código hacia fuera.",
        ),
    ),
    hello="Hola, {name}:",
    hello_nobody="Hola:",
    mail_subject="Sus entradas: {event}",
    mail_text_one="gracias por su pedido. Su entrada va adjunta; le esperamos.",
    mail_text_many="gracias por su pedido. Sus {count} entradas van adjuntas; le esperamos.",
    mail_button="Abrir mi pedido",
    mail_button_hint="Este enlace abre su pedido sin contraseña. No lo comparta.",
    mail_attached="Adjuntos: todas las entradas en PDF, una página cada una, y una cita de "
    "calendario.",
    total="Total",
    tax="incluye {tax} de impuestos",
    footer="Recibe este correo porque esta dirección figura en el pedido {code}.",
    attendee_text="{buyer} tiene una entrada para usted. Va adjunta; le esperamos.",
    attendee_attached="Adjuntos: su entrada en PDF y una cita para el calendario.",
    attendee_footer="Recibe este mensaje porque esta dirección se indicó para una entrada del "
    "pedido {code}.",
    questions="¿Preguntas? Responda a este mensaje: llega a {organiser}.",
    moving_title="El código está en su teléfono",
    moving_text="En la puerta, abra la página de su pedido. Su código cambia cada pocos segundos, "
    "también sin red; esta hoja no abre ninguna puerta.",
    notices={
        "reminder": NoticeWords(
            "Muy pronto: {event}",
            "ya falta poco. Aquí tiene otra vez cuándo y dónde; sus entradas están en la página de "
            "su pedido.",
        ),
        "moved": NoticeWords(
            "Nueva fecha: {event}",
            "este evento tiene una nueva fecha, que figura abajo. Estaba previsto para {before}. "
            "Sus entradas siguen siendo válidas; no tiene que hacer nada.",
        ),
        "changed": NoticeWords(
            "Aviso: {event}",
            "el lugar o la apertura de puertas de este evento han cambiado. Lo que vale ahora "
            "está abajo. Sus entradas siguen siendo válidas.",
        ),
        "cancelled": NoticeWords(
            "Cancelado: {event}",
            "lo sentimos: este evento no se celebrará. La página de su pedido dice qué ocurre con "
            "su dinero.",
        ),
    },
    letters={
        "verify_email": LetterWords(
            subject="Confirme su dirección de correo",
            text="confirme, por favor, que esta dirección es suya.",
            button="Confirmar mi dirección",
            after="¿No se ha registrado? Entonces no ocurrirá nada más.",
        ),
        "password_reset": LetterWords(
            subject="Elija una contraseña nueva",
            text="alguien, esperamos que usted, pidió una contraseña nueva para su cuenta.",
            button="Elegir contraseña",
            after="El enlace sirve una vez y por poco tiempo. Si no fue usted, su contraseña no "
            "cambia.",
        ),
        "address_in_use": LetterWords(
            subject="Ya tiene una cuenta",
            text="alguien, esperamos que usted, intentó registrarse con esta dirección. Ya tiene "
            "una cuenta, así que no se creó otra.",
            button="Iniciar sesión",
            after="Si no fue usted, no tiene que hacer nada.",
        ),
        "email_changed": LetterWords(
            subject="Tu dirección de correo ha cambiado",
            text="la dirección de tu cuenta ha cambiado. Este mensaje va a la anterior.",
            button="Elegir una contraseña nueva",
            after="Si no has sido tú, elige enseguida una contraseña nueva.",
        ),
        "not_charged": LetterWords(
            subject="Su pedido se ha cancelado y no se ha cobrado nada",
            text="su banco finalmente no permitió el pago de su pedido y tuvimos que cancelarlo. "
            "No se ha cobrado nada; si su banco retuvo un importe, queda liberado. Sus asientos "
            "vuelven a estar a la venta y las entradas de este pedido no son válidas.",
            button="Elegir asientos de nuevo",
            after="¿Todavía quiere venir? Haga otro pedido, quizá con otra tarjeta, o pregunte "
            "antes a su banco.",
        ),
        "webhooks_off": LetterWords(
            subject="Se ha desactivado un receptor de sus webhooks",
            text="durante tres días no pudimos entregarle nada, por eso hemos dejado de "
            "intentarlo: {address}. Su registro dice qué falta.",
            button="Abrir la tienda",
            after="Actívelo de nuevo con la API cuando responda y reenvíe lo que le falta.",
        ),
    },
)
