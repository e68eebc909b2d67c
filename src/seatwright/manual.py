"""What `seatwright VERB --help` says: what a verb does, when one gives it, and how."""

DESCRIPTION = """\
Seatwright sells tickets for reserved seats.

  seatwright demo            everything on this machine, with events to try it on
  seatwright up              everything on this machine, for real use
  seatwright serve TARGET    one process of one target, for many machines
  seatwright work            one worker: captures, payments in doubt, unpaid orders, clean-up
  seatwright serve papers    one printer: tickets as PDF, and mails

`seatwright VERB --help` says what a verb does, and shows how it is given.
"""
DEMO = """\
Starts a whole installation with twenty events to buy tickets for, a payment gateway that is only
simulated, and an inbox that shows the mails. Ctrl-C ends it; the data stays, and the next start
takes seconds.

  seatwright demo            start it
  seatwright demo load       load the same events into an installation that runs
"""
DEMO_LOAD = """\
Loads an organisation, eighteen venues with their charts, and twenty events, most of them published
and on sale at once: into the installation that the environment names (all of its settings,
DATABASE_URL among them), else the one that runs here.

  seatwright demo load

Loading again changes nothing that is there, and finishes what was cut short. The demonstration's
log-ins come only with `seatwright demo`, for everybody knows them; elsewhere appoint an owner:

  seatwright organisation appoint lantern-and-tide --owner ada@example.org
"""
UP = """\
Starts a whole installation on this machine: the engines that no address in the environment names,
the database brought to this release, two processes of all services, a worker, a printer, and Caddy
in front of them. It stays in the foreground; let systemd or whatever you use keep it. Ctrl-C or
SIGTERM ends all of it in order, and the data stays.

  seatwright up --data /srv/seatwright
  seatwright up --port 8080 --processes 4
  seatwright up --split

It refuses to start without GATEWAY_URL, SMTP_URL and PUBLIC_URL in the environment, because it
cannot know them; every other setting has a default (docs/reference/settings.md). It also refuses
the demonstration's folder and database, whose log-in everybody knows. Nobody may sell anything yet:
`seatwright organisation --help` says how that begins.

Exit codes: 0 when it was told to end, 130 when that was while it started, 1 when an engine cannot
be had or kept up, 2 when a setting or an option is refused.
"""
SERVE = """\
Runs one process of one target until it is told to end, for many machines with engines and a
gateway of your own. Every setting comes from the environment (docs/reference/settings.md), and
`seatwright migrate` comes first.

  all        every service in one process
  catalog, accounts, reservations, orders, payments, delivery, entry
             that service alone; services ask each other over NATS, so each has to run somewhere
  worker     the queues of all services but delivery's: the same as `seatwright work`
  papers     delivery's queues: sets tickets as PDF and sends the mails

  seatwright serve all --port 8001 --private-port 9001
  seatwright serve orders --host 10.0.0.5 --port 8002
  seatwright serve papers --private-port 9004

Requests come from a gateway (deploy/caddy/Caddyfile is one) to --port at --host; on another machine
than the gateway, --host is this one's address in your network. `worker` and `papers` take no
requests, and have no use for either. Of each target any number may run; of `worker` and `papers`
there has to be one.

Exit codes: 0 when it was told to end, 1 when an engine is away or would lose a sale, 2 when a
setting or an option is refused.
"""
WORK = """\
Runs one worker until it is told to end; the same as `seatwright serve worker`. It carries on what
requests began: captures the money of paid orders, asks gateways about payments in doubt and
compares their lists with ours, ends orders that nobody paid and shows their seats as free, sends
outboxes on, tells orders who was let in, and forgets what is old.

  seatwright work --private-port 9003

It sets no tickets and sends no mails, which is long work and would make captures wait. That is
another process, which an installation needs as well:

  seatwright serve papers --private-port 9004

Every setting comes from the environment (docs/reference/settings.md). Any number of workers may
run; they share the work.
"""
MIGRATE = """\
Brings the database at DATABASE_URL, its owner's address, to this release: makes the whole schema
where there is none, and otherwise applies the migrations that are missing. It makes the roles of
services too, each with the password of its address (DATABASE_URL_ORDERS and so on) where given.

  seatwright migrate --phase pre     only what adds: before the new release starts
  seatwright migrate --phase post    only what removes: when no process of the old one is left
  seatwright migrate                 both; and new passwords

It prints what it applied, or `Nothing to do.` Given again it changes nothing. `seatwright up` does
it by itself. A migration waits two seconds for a lock and then gives way to the sale: nothing of it
is left, the exit code is 1, and the command is given again.
"""
DOCTOR = """\
Looks at Python, the engines' binaries, room on the disk, memory, open files, the port, and the
engines themselves: of the installation that runs here, else those that the environment names. Each
is `ok`, or `BAD` with what to do about it, or `?` where nobody could find out, with where to look.

  seatwright doctor
  seatwright doctor --data /srv/seatwright --port 8080

It changes nothing. Give it where something does not start or does not answer. Engines that the
environment names are looked at when DATABASE_URL, VALKEY_URL, VALKEY_CACHE_URL and NATS_URL are all
given; of the logins of services each that is given.

The exit code is 1 when anything is `BAD`, and 0 otherwise.
"""
SECRET = """\
Prints a new random value for SEATWRIGHT_SECRET, from which every key of an installation is derived.

  seatwright secret

Whoever has it can make valid tickets, and whoever changes it invalidates those that are sold. It is
not kept anywhere: put it where your processes get their environment, and a copy apart from the
backups of the database. `seatwright up` makes one by itself and keeps it in its data folder, in
installation.json.
"""  # noqa: S105  # about one, and none itself
CHECK = """\
Asks the database whether everything holds that Seatwright promises about seats, orders and money,
and says for each promise `ok`, or where it is broken: the event, and the seat, order or payment.
It changes nothing and may be given while tickets are sold; it reads whole tables.

  seatwright check

The exit code is 0 when everything holds, and 1 otherwise. A promise that is broken is a fault of
Seatwright, or somebody has changed rows by hand: stop the sale of that event, keep a backup, and
tell us. What gateways say otherwise than we do is another matter: `seatwright breaks list`.
"""
BREAKS = """\
What a gateway has otherwise than we do, and what nobody could settle in time, is a break: open
until it is mended, by itself or by your word.

  seatwright breaks list            what is open: number, kind, since, event, order, payment, detail
  seatwright breaks list --all      the mended ones as well, with when and why
  seatwright breaks end 12 --why "paid back by bank transfer, ledger 4711"

What each kind means, and what to do about it: docs/operations/money.md. Ending one moves no money:
settle it first. From then on that difference of that payment is known. It is not reported again,
and nothing is given back by itself. The row stays, with your words and the time.
"""
BREAKS_LIST = """\
Lists breaks, the oldest first, a line each: number, kind, since, event, order, payment, detail.

  seatwright breaks list
  seatwright breaks list --all

What is shown with --all and is mended says when and why at the end of its line.
"""
BREAKS_END = """\
Ends a break that you have settled in another way, with your words, which are kept. It moves no
money, and that difference of that payment is not reported again.

  seatwright breaks end 12 --why "paid back by bank transfer, ledger 4711"
"""
DEAD_LETTERS = """\
A message whose work has failed eight times is a dead letter: kept for thirty days with its consumer
and the last fault. What each consumer does: docs/operations/dead-letters.md.

  seatwright dead-letters                         list them
  seatwright dead-letters replay                  send all of them on their way again
  seatwright dead-letters replay --sequence 17    only this one
  seatwright dead-letters drop --sequence 17      remove one for good
"""
DEAD_LETTERS_LIST = """\
Lists the oldest thousand, a line each: sequence, consumer, subject, fault.

  seatwright dead-letters list
"""
DEAD_LETTERS_REPLAY = """\
Sends every dead letter on its way again, or with --sequence only that one. Mend the cause first:
what fails eight times more is a dead letter again. Replaying is safe, for consumers do their work
once, however often they are told.

  seatwright dead-letters replay
  seatwright dead-letters replay --sequence 17
"""
DEAD_LETTERS_DROP = """\
Removes one dead letter for good: for work that can never be done, or was done by hand. Its line is
printed once more and kept nowhere; there is no way back.

  seatwright dead-letters drop --sequence 17
"""
RESERVATIONS = """\
Valkey has who may buy what right now; orders in PostgreSQL know what is sold. An event that Valkey
has lost is filled again by itself, and each event on sale is compared every minute.

  seatwright reservations rebuild EVENT_ID    fill one by hand

More of it: docs/operations/rebuild.md.
"""
REBUILD = """\
Fills an event's seats in Valkey anew from its orders, for when you do not trust what is shown.

  seatwright reservations rebuild EVENT_ID

Buyers may go on meanwhile. Holds that no order has claimed are forgotten: whoever has one can still
order with it, unless somebody else was faster. Browsers read the whole map again.
"""
ORGANISATION = """\
Nobody may sell anything before there is an organisation with an owner. Owners appoint everybody
else by the API; these commands are for the first one, and for when the last one is lost.

  seatwright organisation create "Riverside Hall" --owner ada@example.org
  seatwright organisation appoint riverside-hall --owner grace@example.org
  seatwright organisation list

The owner needs no account yet: the right waits until somebody proves that address. Giving a
command again changes nothing; `create` refuses what belongs to others.
"""
ORGANISATION_CREATE = """\
Makes an organisation and appoints its first owner, who needs no account yet. Prints its slug and
id, and what the owner does next.

  seatwright organisation create "Riverside Hall" --owner ada@example.org
  seatwright organisation create "Riverside Hall" --slug riverside --owner ada@example.org

Given again it changes nothing. A slug that another organisation has is refused, and so is another
owner than the first: `seatwright organisation appoint` adds one.
"""
ORGANISATION_APPOINT = """\
Appoints one more owner of an organisation, who needs no account yet: for when the last one is lost.

  seatwright organisation appoint riverside-hall --owner grace@example.org
"""
ORGANISATION_LIST = """\
Lists organisations by slug, a line each: slug, id, name, owners.

  seatwright organisation list
"""
EVENT = """\
What events are sold by: their seat charts.

  seatwright event import hall.csv --check
  seatwright event import hall.csv --organisation riverside-hall --venue "Riverside Hall"

Events themselves are made by the API (docs/reference/api.md): an import prints one to send there.
"""
IMPORT = """\
Reads a seat chart, publishes it in an organisation, and shows the event to sell it by. The kind of
the file is seen from what is in it:

  JSON      ours, as written by hand or downloaded from /v1/charts/HASH
  pretix    a seating plan: zones, rows, seats
  CSV       section,row,seat,x,y,category,attributes; a line a seat, centimetres, attributes
            accessible, companion, restricted_view, step_free

  seatwright event import hall.csv --check
  seatwright event import hall.csv --organisation riverside-hall --venue "Riverside Hall"

Whatever is wrong is said with its line, and then nothing is stored. Each import makes a new chart;
events go on with the version they were given.
"""
