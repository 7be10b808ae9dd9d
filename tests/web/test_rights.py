"""Who may do what, written by hand from DESIGN §1 (TRUST S01); what other teams learn of a ticket: nothing (S02); and
that reading changes nothing (W03).

A route, socket event or command without a row here fails.
"""

import hashlib
import re

import click
import pytest
from sqlalchemy import func, select

from helpdesk.api.web import PublicPages
from helpdesk.app import create_app
from helpdesk.cli.main import add_plugin_commands, cli
from helpdesk.config import bundled, from_environment
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Inbound
from helpdesk.core.database.base import NEVER, Base
from helpdesk.core.intake import ingest
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.jobs.models import Job
from helpdesk.core.outbox import replies
from helpdesk.core.people import api_tokens, users
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import Token
from helpdesk.core.settings import demo
from helpdesk.core.tickets import merge, tickets
from helpdesk.core.tickets.message_models import Attachment, Delivery, Message
from helpdesk.core.tickets.models import SavedView
from helpdesk.core.waiting.line import join
from helpdesk.web.live.namespace import EVENTS, REFUSAL, ConsoleNamespace
from plugins.chat import tables as chat
from plugins.form.tables import Topic
from plugins.frontdesk.tables import Appointment, Counter, Taken, Visit
from plugins.mailbox.store import Store
from plugins.phone import calls as phone
from plugins.replies import store as saved_replies
from plugins.sla.models import CalendarDays, RulesVersion
from plugins.social import many
from plugins.webhook.tables import Call, Endpoint
from training import tables as practice

# in: sent to the sign-in page, or 401.   yes: let through (the request itself may still be incomplete: 409, 422).   no:
# 403.   none: 404.
# "agent", "trainer", "supervisor" and "admin" are of the ticket's team, "stranger" is an agent of another. Everything
# an id names is the first team's.
COLUMNS = ("nobody", "stranger", "trainer", "agent", "supervisor", "admin")
PAGES = """
route                                                nobody  stranger  trainer  agent  supervisor  admin
GET    /                                             in      yes       yes      yes    yes         yes
GET    /assets/<digest>/<path:name>                  yes     yes       yes      yes    yes         yes
GET    /assets/<digest>/x/<plugin>/<path:name>       yes     yes       yes      yes    yes         yes
GET    /assets/<digest>/vendor/<name>                yes     yes       yes      yes    yes         yes
GET    /healthz                                      yes     yes       yes      yes    yes         yes
GET    /readyz                                       yes     yes       yes      yes    yes         yes
GET    /metrics                                      none    none      none     none   none        none
GET    /in/<name>                                      none    none      none     none   none        none
POST   /in/<name>                                      none    none      none     none   none        none
GET    /sign-in                                      yes     yes       yes      yes    yes         yes
POST   /sign-in                                      in      in        in       in     in          in
POST   /sign-out                                     in      yes       yes      yes    yes         yes

GET    /me                                           in      yes       yes      yes    yes         yes
POST   /me/picture                                   in      yes       yes      yes    yes         yes
GET    /people/pictures/<digest>                     in      none      none     none   none        none
POST   /me/preferences                               in      yes       yes      yes    yes         yes
POST   /me/keys                                      in      yes       yes      yes    yes         yes
POST   /me/sessions/end                              in      yes       yes      yes    yes         yes
POST   /me/password                                  in      yes       yes      yes    yes         yes
POST   /me/tokens                                    in      yes       yes      yes    yes         yes
POST   /me/tokens/<int:token_id>/drop                in      none      none     yes    none        yes

GET    /views/<name>                                 in      yes       no       yes    yes         yes
GET    /views/new                                    in      yes       no       yes    yes         yes
POST   /views/new                                    in      yes       no       yes    yes         yes
GET    /views/saved/<int:view_id>                    in      none      no       yes    none        none
POST   /views/saved/<int:view_id>/delete             in      none      no       yes    none        none
GET    /actions/<name>                               in      none      no       none   none        none
GET    /line                                         in      yes       no       yes    yes         yes
GET    /line/frame                                   in      yes       no       yes    yes         yes
POST   /line/me                                      in      yes       no       yes    yes         yes
GET    /line/<int:entry_id>/give                     in      none      none     yes    yes         yes
POST   /line/<int:entry_id>/give                     in      none      none     yes    yes         yes
POST   /line/<int:entry_id>/accept                   in      none      none     yes    yes         yes
POST   /line/<int:entry_id>/decline                  in      none      none     yes    yes         yes
POST   /line/<int:entry_id>/end                      in      none      none     yes    yes         yes
GET    /queues/<int:queue_id>                        in      none      no       yes    yes         yes
GET    /search                                       in      yes       no       yes    yes         yes
GET    /palette                                      in      yes       yes      yes    yes         yes
GET    /selection                                    in      yes       no       yes    yes         yes
GET    /tags                                         in      yes       no       yes    yes         yes
GET    /moments                                      in      yes       yes      yes    yes         yes
POST   /selection                                    in      yes       no       yes    yes         yes
GET    /tickets/new                                  in      yes       no       yes    yes         yes
POST   /tickets/new                                  in      none      no       yes    yes         yes
POST   /tickets/new/draft                            in      yes       no       yes    yes         yes
POST   /tickets/new/draft/files                      in      yes       no       yes    yes         yes
POST   /drafts/files/<int:file_id>/remove            in      none      no       none   none        none
GET    /tickets/<int:ticket_id>                      in      none      none     yes    yes         yes
GET    /tickets/<int:ticket_id>/items                in      none      none     yes    yes         yes
GET    /tickets/<int:ticket_id>/earlier              in      none      none     yes    yes         yes
GET    /tickets/<int:ticket_id>/merge                in      none      none     yes    yes         yes
GET    /tickets/<int:ticket_id>/assignees            in      none      none     yes    yes         yes
GET    /tickets/<int:ticket_id>/merge/targets        in      none      none     yes    yes         yes
GET    /tickets/<int:ticket_id>/places               in      none      none     yes    yes         yes
POST   /tickets/<int:ticket_id>/change               in      none      none     yes    yes         yes
POST   /tickets/<int:ticket_id>/draft                in      none      none     yes    yes         yes
GET    /tickets/<int:ticket_id>/draft/files          in      none      none     yes    yes         yes
POST   /tickets/<int:ticket_id>/draft/files          in      none      none     yes    yes         yes
POST   /tickets/<int:ticket_id>/merge                in      none      none     yes    yes         yes
POST   /tickets/<int:ticket_id>/notes                in      none      none     yes    yes         yes
GET    /tickets/<int:ticket_id>/ways                 in      none      none     yes    yes         yes
GET    /tickets/<int:ticket_id>/templates            in      none      none     yes    yes         yes
GET    /tickets/<int:ticket_id>/way                  in      none      none     yes    yes         yes
POST   /tickets/<int:ticket_id>/way                  in      none      none     yes    yes         yes
POST   /tickets/<int:ticket_id>/read                 in      none      none     yes    yes         yes
POST   /tickets/<int:ticket_id>/replies              in      none      none     yes    yes         yes
POST   /merges/<int:merge_id>/undo                   in      none      none     yes    yes         yes
GET    /messages/<int:message_id>/body               in      none      none     yes    yes         yes
GET    /messages/<int:message_id>/text               in      none      none     yes    yes         yes
GET    /messages/<int:message_id>/remote             in      none      none     yes    yes         yes
GET    /messages/<int:message_id>/files/<int:file_id>  in    none      none     yes    yes         yes
POST   /messages/<int:message_id>/files/<int:file_id>/again  in  none  none  none  none        none
POST   /messages/<int:message_id>/accept             in      none      none     yes    yes         yes
POST   /messages/<int:message_id>/reaction           in      none      none     yes    yes         yes
POST   /messages/<int:message_id>/undo               in      none      none     yes    no          no
POST   /deliveries/<int:delivery_id>/outcomes        in      none      none     yes    yes         yes
POST   /deliveries/<int:delivery_id>/arrived         in      none      none     yes    yes         yes
POST   /deliveries/<int:delivery_id>/retry           in      none      none     yes    yes         yes
GET    /tickets/<int:ticket_id>/fields               in      none      none     yes    yes         yes
POST   /tickets/<int:ticket_id>/fields               in      none      none     yes    yes         yes
GET    /customers/<int:customer_id>/fields           in      none      no       yes    yes         yes
POST   /customers/<int:customer_id>/fields           in      none      no       yes    yes         yes
GET    /customers/<int:customer_id>                  in      none      no       yes    yes         yes
POST   /customers/<int:customer_id>/export           in      no        no       no     no          yes
GET    /customers/<int:customer_id>/erase            in      no        no       no     no          yes
POST   /customers/<int:customer_id>/erase            in      no        no       no     no          yes
POST   /customers/<int:customer_id>/erase/undo       in      no        no       no     no          yes
GET    /customers/<int:customer_id>/merge            in      none      no       yes    yes         yes
GET    /customers/<int:customer_id>/merge/options    in      none      no       yes    yes         yes
POST   /customers/<int:customer_id>/name             in      none      no       yes    yes         yes
POST   /customers/<int:customer_id>/addresses        in      none      no       yes    yes         yes
POST   /customers/<int:customer_id>/merge/<int:target_id> in  none      no       yes    yes         yes

GET    /settings                                     in      no        no       no     no          yes
GET    /settings/accounts                            in      no        no       no     no          yes
GET    /settings/accounts/<int:account_id>           in      no        no       no     no          yes
GET    /settings/accounts/new/<channel>              in      no        no       no     no          yes
POST   /settings/accounts/new/<channel>              in      no        no       no     no          yes
POST   /settings/accounts/new/<channel>/check        in      no        no       no     no          yes
POST   /settings/accounts/<int:account_id>           in      no        no       no     no          yes
POST   /settings/accounts/<int:account_id>/check     in      no        no       no     no          yes
POST   /settings/accounts/<int:account_id>/preset    in      no        no       no     no          yes
POST   /settings/accounts/new/<channel>/preset       in      no        no       no     no          yes
POST   /settings/accounts/new/<channel>/preview      in      no        no       no     no          yes
POST   /settings/accounts/<int:account_id>/switch    in      no        no       no     no          yes
GET    /settings/people                              in      no        no       no     no          yes
POST   /settings/people                              in      no        no       no     no          yes
GET    /settings/people/<int:user_id>                in      no        no       no     no          yes
POST   /settings/people/<int:user_id>                in      no        no       no     no          yes
POST   /settings/people/<int:user_id>/sessions/end   in      no        no       no     no          yes
POST   /settings/people/<int:user_id>/password       in      no        no       no     no          yes
POST   /settings/people/<int:user_id>/switch         in      no        no       no     no          yes
POST   /settings/people/tokens/<int:token_id>/drop   in      no        no       no     no          yes
GET    /settings/roles                               in      no        no       no     no          yes
POST   /settings/roles                               in      no        no       no     no          yes
POST   /settings/roles/new                           in      no        no       no     no          yes
POST   /settings/roles/<name>/remove                 in      no        no       no     no          none
GET    /settings/fields                              in      no        no       no     no          yes
POST   /settings/fields                              in      no        no       no     no          yes
GET    /settings/fields/<name>                       in      no        no       no     no          none
POST   /settings/fields/<name>                       in      no        no       no     no          none
POST   /settings/fields/<name>/remove                in      no        no       no     no          none
GET    /settings/plugins                             in      no        no       no     no          yes
GET    /settings/plugins/<name>                      in      no        no       no     no          none
POST   /settings/plugins/<name>                      in      no        no       no     no          none
GET    /settings/jobs                                in      no        no       no     no          yes
POST   /settings/jobs/<int:job_id>/cancel            in      no        no       no     no          yes
POST   /settings/jobs/<int:job_id>/again             in      no        no       no     no          yes
GET    /settings/api                                 in      no        no       no     no          yes
GET    /settings/quarantine                          in      no        no       no     no          yes
POST   /settings/quarantine/<int:raw_message_id>/raw      in      no        no       no     no          yes
POST   /settings/quarantine/<int:raw_message_id>/retry    in      no        no       no     no          yes
POST   /settings/quarantine/<int:raw_message_id>/discard  in      no        no       no     no          yes
POST   /settings/quarantine/<int:raw_message_id>/restore  in      no        no       no     no          yes
GET    /settings/sent                                in      no        no       no     no          yes
POST   /settings/sent/<int:delivery_id>/retry        in      no        no       no     no          yes
GET    /settings/teams                               in      no        no       no     no          yes
POST   /settings/teams                               in      no        no       no     no          yes
POST   /settings/teams/<int:team_id>                 in      no        no       no     no          yes
POST   /settings/queues                              in      no        no       no     no          yes
POST   /settings/queues/<int:queue_id>               in      no        no       no     no          yes

GET    /x/mailbox/                                   in      yes       yes      yes    yes         yes
GET    /x/mailbox/list                               in      yes       yes      yes    yes         yes
GET    /x/mailbox/new                                in      yes       yes      yes    yes         yes
POST   /x/mailbox/new                                in      yes       yes      yes    yes         yes
GET    /x/mailbox/<key>                              in      yes       yes      yes    yes         yes
GET    /x/mailbox/<key>/page                         in      yes       yes      yes    yes         yes
GET    /x/mailbox/<key>/files/<int:number>           in      yes       yes      yes    yes         yes
POST   /x/mailbox/<key>/answer                       in      yes       yes      yes    yes         yes

GET    /x/form/                                      in      no        no       no     no          yes
POST   /x/form/                                      in      no        no       no     no          yes
GET    /x/form/topics/<int:topic_id>                 in      no        no       no     no          none
POST   /x/form/topics/<int:topic_id>                 in      no        no       no     no          none
POST   /x/form/topics/<int:topic_id>/remove          in      no        no       no     no          none
GET    /p/form/<key>/                                none    none      none     none   none        none
GET    /p/form/<key>/<topic>                         none    none      none     none   none        none
POST   /p/form/<key>/                                none    none      none     none   none        none
POST   /p/form/<key>/<topic>                         none    none      none     none   none        none
GET    /p/form/<key>/embed.js                        yes     yes       yes      yes    yes         yes
GET    /p/form/ticket/<key>                          none    none      none     none   none        none
GET    /p/form/ticket/<key>/<int:message_id>/<int:file_id>  none none  none     none   none        none
POST   /p/form/ticket/<key>                          none    none      none     none   none        none
GET    /api/v1/callbacks/<key>                       in        none      no        none      none      none
GET    /api/v1/callbacks/slots                       in        none      no        none      none      none
GET    /chat/<key>/config                            none      none      none      none      none      none
GET    /chat/<key>/files/<int:seq>/<int:number>      none      none      none      none      none      none
GET    /chat/<key>/pictures/<digest>                 none      none      none      none      none      none
GET    /chat/<key>/proof/<path:signed>               none      none      none      none      none      none
GET    /chat/<key>/widget-<version>/<name>           none      none      none      none      none      none
GET    /chat/<key>/widget.js                         none      none      none      none      none      none
GET    /p/phone/<key>/                               none      none      none      none      none      none
GET    /p/phone/ask/<key>                            none      none      none      none      none      none
GET    /p/phone/mine/<key>                           none      none      none      none      none      none
GET    /p/shop/                                      yes       yes       yes       yes       yes       yes
GET    /x/chat/                                      in        yes       no        yes       yes       yes
GET    /x/chat/<int:ticket_id>/pane                  in        none      no        none      none      none
GET    /x/chat/<int:ticket_id>/talk                  in        none      no        none      none      none
GET    /x/chat/<int:ticket_id>/visitor               in        none      no        none      none      none
GET    /x/chat/list                                  in        yes       no        yes       yes       yes
GET    /x/handset/                                   in        yes       yes       yes       yes       yes
GET    /x/handset/<app>                              in        none      none      none      none      none
GET    /x/handset/<app>/lines                        in        none      none      none      none      none
GET    /x/phone/                                     in        yes       no        yes       yes       yes
GET    /x/phone/calls/<key>                          in        none      no        none      none      none
POST   /api/v1/callbacks                             in        none      no        none      none      none
POST   /chat/<key>/messages                          none      none      none      none      none      none
POST   /chat/<key>/proof/<path:signed>               none      none      none      none      none      none
POST   /p/phone/<key>/                               none      none      none      none      none      none
POST   /p/phone/ask/<key>                            none      none      none      none      none      none
POST   /p/phone/mine/<key>                           none      none      none      none      none      none
POST   /x/chat/<int:ticket_id>/block                 in        none      no        none      none      none
POST   /x/chat/<int:ticket_id>/end                   in        none      no        none      none      none
POST   /x/chat/<int:ticket_id>/say                   in        none      no        none      none      none
POST   /x/chat/<int:ticket_id>/whisper               in        no        no        no        none      none
POST   /x/handset/<app>                              in        none      none      none      none      none
POST   /x/handset/call/<event>                       in        none      none      none      none      none
POST   /x/phone/calls/<key>/dial                     in        none      no        none      none      none
POST   /x/phone/calls/<key>/outcome                  in        none      no        none      none      none
POST   /x/phone/calls/<key>/take                     in        none      no        none      none      none
POST   /x/phone/calls/<key>/allow                    in        none      no        none      none      none
POST   /x/phone/start                                in        none      no        none      none      none
POST   /x/social/public                              in        yes       no        yes       yes       yes
GET    /x/social/many                                in        yes       no        yes       yes       yes
POST   /x/social/many                                in        yes       no        yes       yes       yes
GET    /x/social/many/<int:many_id>                  in        none      no        none      none      none

GET    /x/sla/                                       in      no        no       no     no          yes
POST   /x/sla/calendars/<int:row_id>                 in      no        no       no     no          yes
POST   /x/sla/policies/<int:row_id>                  in      no        no       no     no          yes
POST   /x/sla/policies/<int:row_id>/sooner           in      no        no       no     no          yes
POST   /x/sla/<any(calendars, policies):what>/<int:row_id>/remove in      no        no       no     no          yes
GET    /x/replies/                                   in      yes       no       yes    yes         yes
GET    /x/replies/new                                in      yes       no       yes    yes         yes
POST   /x/replies/new                                in      yes       no       yes    yes         yes
GET    /x/replies/export.<kind>                      in      yes       no       yes    yes         yes
POST   /x/replies/import                             in      yes       no       yes    yes         yes
GET    /x/replies/found                              in      yes       no       yes    yes         yes
GET    /x/replies/options/<mode>                     in      yes       no       yes    yes         yes
GET    /x/replies/<int:reply_id>                     in      yes       no       yes    yes         yes
POST   /x/replies/<int:reply_id>                     in      no        no       no     yes         yes
POST   /x/replies/<int:reply_id>/delete              in      no        no       no     yes         yes
POST   /x/replies/<int:reply_id>/restore             in      none      no       none   none        none
GET    /x/replies/<int:reply_id>/files/<int:number>  in      yes       no       yes    yes         yes
GET    /x/replies/pick                               in      none      no       yes    yes         yes
GET    /x/replies/preview                            in      none      no       yes    yes         yes
GET    /x/replies/chosen                             in      none      no       yes    yes         yes
POST   /x/replies/<int:reply_id>/insert              in      none      no       yes    yes         yes
POST   /x/replies/<int:reply_id>/apply               in      none      no       yes    yes         yes
POST   /x/replies/undo/<key>                         in      none      no       none   none        none
GET    /x/training/                                  in      yes       yes      yes    yes         yes
GET    /x/training/scenarios/<name>                  in      none      none     none   none        none
POST   /x/training/scenarios/<name>/begin            in      none      none     none   none        none
POST   /x/training/scenarios/<name>/console          in      none      none     none   none        none
GET    /x/training/workshops/<name>                  in none none none none none
POST   /x/training/workshops/<name>/<cell>           in none none none none none
POST   /x/training/workshops/<name>/<cell>/begin     in none none none none none
GET    /x/training/runs/<int:run_id>                 in      none      none     none   none        none
POST   /x/training/runs/<int:run_id>/reply           in      none      none     none   none        none
POST   /x/training/runs/<int:run_id>/wait            in      none      none     none   none        none
POST   /x/training/runs/<int:run_id>/fork            in      none      none     none   none        none
GET    /x/training/runs/<int:run_id>/compare/<int:other_id> in none none none none none
GET    /x/training/runs/<int:run_id>/run.ipynb       in      none      none     none   none        none
GET    /x/webhook/                                   in      no        no       no     no          yes
GET    /x/webhook/new                                in      no        no       no     no          yes
POST   /x/webhook/new                                in      no        no       no     no          yes
GET    /x/webhook/<int:endpoint_id>/edit             in      no        no       no     no          none
POST   /x/webhook/<int:endpoint_id>/edit             in      no        no       no     no          none
GET    /x/webhook/<int:endpoint_id>                  in      no        no       no     no          none
GET    /x/webhook/<int:endpoint_id>/rows             in      no        no       no     no          none
POST   /x/webhook/<int:endpoint_id>/ping             in      no        no       no     no          none
POST   /x/webhook/<int:endpoint_id>/replay           in      no        no       no     no          none
POST   /x/webhook/calls/<int:call_id>/replay         in      no        no       no     no          none
POST   /x/webhook/<int:endpoint_id>/switch           in      no        no       no     no          none
POST   /x/webhook/<int:endpoint_id>/secret           in      no        no       no     no          none
POST   /x/webhook/<int:endpoint_id>/delete           in      no        no       no     no          none
GET    /x/frontdesk/                                 in      none      no       none   none        none
GET    /x/frontdesk/line                             in      none      no       none   none        none
POST   /x/frontdesk/counter                          in      yes       no       yes    yes         yes
POST   /x/frontdesk/next                             in      yes       no       yes    yes         yes
POST   /x/frontdesk/<int:visit_id>/call              in      none      no       none   none        none
POST   /x/frontdesk/<int:visit_id>/again             in      none      no       none   none        none
POST   /x/frontdesk/<int:visit_id>/missed            in      none      no       none   none        none
POST   /x/frontdesk/<int:visit_id>/finish            in      none      no       none   none        none
POST   /x/frontdesk/<int:visit_id>/phone             in      none      no       none   none        none
POST   /x/frontdesk/<int:visit_id>/name              in      none      no       none   none        none
GET    /p/frontdesk/<key>/kiosk                      none    none      none     none   none        none
POST   /p/frontdesk/<key>/kiosk                      none    none      none     none   none        none
GET    /p/frontdesk/slip/<key>                       none    none      none     none   none        none
GET    /p/frontdesk/place/<key>                      none    none      none     none   none        none
GET    /p/frontdesk/place/<key>/now                  none    none      none     none   none        none
POST   /p/frontdesk/place/<key>/leave                none    none      none     none   none        none
GET    /p/frontdesk/<key>/kiosk/appointment           none    none      none     none   none        none
POST   /p/frontdesk/<key>/kiosk/appointment           none    none      none     none   none        none
GET    /p/frontdesk/book/<key>                        none    none      none     none   none        none
POST   /p/frontdesk/book/<key>                        none    none      none     none   none        none
POST   /x/frontdesk/appointments                      in      none      no       none   none        none
POST   /x/frontdesk/appointments/<int:appointment_id>/cancel in none    no       none   none        none
GET    /api/v1/frontdesk/lines                        in      yes       no       yes    yes         yes
POST   /api/v1/frontdesk/next                         in      none      no       none   none        none
POST   /api/v1/frontdesk/visits/<int:visit_id>/outcome in      none      no       none   none        none
POST   /api/v1/frontdesk/appointments                 in      none      no       none   none        none
GET    /api/v1/frontdesk/appointments/<int:appointment_id> in none      no       none   none        none
GET    /p/frontdesk/<key>/wall                       none    none      none     none   none        none
GET    /p/frontdesk/<key>/wall/now                   none    none      none     none   none        none

GET    /api/v1/openapi.json                          yes     yes       yes      yes    yes         yes
GET    /api/v1/me                                    in      yes       yes      yes    yes         yes
GET    /api/v1/me/availability                       in      yes       no       yes    yes         yes
PUT    /api/v1/me/availability                       in      yes       no       yes    yes         yes
GET    /api/v1/waiting                               in      yes       no       yes    yes         yes
POST   /api/v1/waiting/<int:entry_id>/accept         in      none      none     yes    yes         yes
POST   /api/v1/waiting/<int:entry_id>/decline        in      none      none     yes    yes         yes
POST   /api/v1/waiting/<int:entry_id>/give           in      none      none     yes    yes         yes
POST   /api/v1/waiting/<int:entry_id>/end            in      none      none     yes    yes         yes
POST   /api/v1/tickets                               in      none      no       yes    yes         yes
GET    /api/v1/tickets                               in      yes       no       yes    yes         yes
GET    /api/v1/search                                in      yes       no       yes    yes         yes
GET    /api/v1/events                                in      yes       no       yes    yes         yes
GET    /api/v1/queues                                in      yes       no       yes    yes         yes
GET    /api/v1/users                                 in      yes       no       yes    yes         yes
GET    /api/v1/accounts                              in      no        no       no     no          yes
GET    /api/v1/quarantine                            in      no        no       no     no          yes
POST   /api/v1/quarantine/<int:raw_message_id>/retry      in      no        no       no     no          yes
POST   /api/v1/quarantine/<int:raw_message_id>/discard    in      no        no       no     no          yes
GET    /api/v1/customers/<int:customer_id>           in      none      no       yes    yes         yes
GET    /api/v1/tickets/<int:ticket_id>               in      none      none     yes    yes         yes
PATCH  /api/v1/tickets/<int:ticket_id>               in      none      none     yes    yes         yes
GET    /api/v1/tickets/<int:ticket_id>/messages      in      none      none     yes    yes         yes
POST   /api/v1/tickets/<int:ticket_id>/replies       in      none      none     yes    yes         yes
POST   /api/v1/tickets/<int:ticket_id>/notes         in      none      none     yes    yes         yes
POST   /api/v1/deliveries/<int:delivery_id>/outcomes in      none      none     yes    yes         yes
POST   /api/v1/tickets/<int:ticket_id>/merge         in      none      none     yes    yes         yes
DELETE /api/v1/merges/<int:merge_id>                 in      none      none     yes    yes         yes
GET    /api/v1/attachments/<int:attachment_id>       in      none      none     yes    yes         yes
GET    /api/v1/fields                                in      yes       no       yes    yes         yes
PUT    /api/v1/fields/<name>                         in      no        no       no     no          yes
DELETE /api/v1/fields/<name>                         in      no        no       no     no          none
GET    /api/v1/tickets/<int:ticket_id>/fields        in      none      none     yes    yes         yes
PATCH  /api/v1/tickets/<int:ticket_id>/fields        in      none      none     yes    yes         yes
GET    /api/v1/customers/<int:customer_id>/fields    in      none      no       yes    yes         yes
PATCH  /api/v1/customers/<int:customer_id>/fields    in      none      no       yes    yes         yes
PATCH  /api/v1/messages/<int:message_id>             in      none      none     yes    yes         yes
DELETE /api/v1/messages/<int:message_id>             in      none      none     yes    yes         yes
PUT    /api/v1/messages/<int:message_id>/reaction    in      none      none     yes    yes         yes

GET    /api/v1/x/replies/replies                     in      yes       no       yes    yes         yes
POST   /api/v1/x/replies/replies                     in      yes       no       yes    yes         yes
GET    /api/v1/x/replies/replies/<int:reply_id>      in      yes       no       yes    yes         yes
PUT    /api/v1/x/replies/replies/<int:reply_id>      in      no        no       no     yes         yes
DELETE /api/v1/x/replies/replies/<int:reply_id>      in      no        no       no     yes         yes
GET    /api/v1/x/replies/replies/<int:reply_id>/filled in      none      no       yes    yes         yes
POST   /api/v1/x/replies/replies/<int:reply_id>/apply in      none      no       yes    yes         yes
POST   /api/v1/training/console                      in      yes       yes      yes    yes         yes
GET    /api/v1/x/webhook/endpoints                   in      no        no       no     no          yes
POST   /api/v1/x/webhook/endpoints                   in      no        no       no     no          yes
GET    /api/v1/x/webhook/endpoints/<int:endpoint_id> in      no        no       no     no          none
PUT    /api/v1/x/webhook/endpoints/<int:endpoint_id> in      no        no       no     no          none
DELETE /api/v1/x/webhook/endpoints/<int:endpoint_id> in      no        no       no     no          none
POST   /api/v1/x/webhook/endpoints/<int:endpoint_id>/switch in      no        no       no     no          none
GET    /api/v1/x/webhook/endpoints/<int:endpoint_id>/calls in      no        no       no     no          none
POST   /api/v1/x/webhook/endpoints/<int:endpoint_id>/ping in      no        no       no     no          none
POST   /api/v1/x/webhook/endpoints/<int:endpoint_id>/replay in      no        no       no     no          none
POST   /api/v1/x/webhook/calls/<int:call_id>/replay  in      no        no       no     no          none
"""
# What a console may say on its line, once it is connected; nobody connects without a session.
SOCKET = """
event       nobody  stranger  trainer  agent  supervisor  admin
connect     no      yes       yes      yes    yes         yes
disconnect  no      yes       yes      yes    yes         yes
subscribe   no      yes       no       yes    yes         yes
watch_ticket        no      none      none     yes    yes         yes
read        no      none      none     yes    yes         yes
typing      no      yes       yes      yes    yes         yes
"""
# Whoever has a shell on the machine and the data folder is the operator; no other way leads to these.
COMMANDS = """
account add · backup · channel check · demo live · doctor · email import · email pipe · init · key forget · key rotate · plugins purge · restore · resume · run · token add · training acts · training check · training practise · training replay · training score · user add · user password · web · worker
"""
GIVEN = {  # what makes a request whole enough to be let through or refused for the right reason
    "GET /x/replies/pick": {"ticket": "{ticket_id}"},
    "GET /x/replies/preview": {"ticket": "{ticket_id}", "reply": "{saved_id}"},
    "GET /x/replies/chosen": {"ticket": "{ticket_id}", "reply": "{saved_id}"},
    "POST /x/replies/<int:reply_id>/insert": {"ticket": "{ticket_id}"},
    "POST /api/v1/callbacks": {"phone": "+989121234567", "asap": True},
    "POST /api/v1/frontdesk/next": {"account": 0, "counter": "1"},
    "POST /api/v1/frontdesk/visits/<int:visit_id>/outcome": {"outcome": "solved"},
    "POST /api/v1/frontdesk/appointments": {"ticket": 0, "slot": "2026-11-22T10:00:00Z"},
    "POST /x/replies/<int:reply_id>/apply": {"ticket": "{ticket_id}"},
    "POST /api/v1/x/webhook/endpoints": {"name": "Shop", "url": "https://shop.example/in", "events": ["ticket.*"]},
    "PUT /api/v1/x/webhook/endpoints/<int:endpoint_id>": {
        "name": "Shop",
        "url": "https://shop.example/in",
        "events": ["ticket.*"],
    },
    "POST /api/v1/x/webhook/endpoints/<int:endpoint_id>/switch": {"active": True},
    "POST /api/v1/x/webhook/endpoints/<int:endpoint_id>/replay": {"since": "2020-01-01T00:00:00Z"},
    "POST /api/v1/x/replies/replies": {"name": "Hello", "texts": {"en": {"text": "Hello"}}},
    "PUT /api/v1/x/replies/replies/<int:reply_id>": {
        "name": "Hello",
        "scope": "desk",
        "texts": {"en": {"text": "Hello"}},
    },
    "GET /api/v1/x/replies/replies/<int:reply_id>/filled": {"ticket": "{ticket_id}"},
    "POST /api/v1/x/replies/replies/<int:reply_id>/apply": {"ticket": 1},
    "POST /tickets/<int:ticket_id>/merge": {"target": "{other_id}"},
    "POST /api/v1/deliveries/<int:delivery_id>/outcomes": {"code": "reached"},
    "POST /deliveries/<int:delivery_id>/outcomes": {"code": "reached"},
    "POST /settings/accounts/<int:account_id>/preset": {"preset": "fastmail"},
    "POST /settings/accounts/new/<channel>/preset": {"preset": "fastmail"},
    "POST /tickets/<int:ticket_id>/draft": {"mode": "reply", "text": "Dear Mina"},
    "POST /tickets/new": {"account": 1, "to": "mina@customer.example", "subject": "Hello", "text": "Hello"},
    "POST /api/v1/tickets": {"account": 1, "to": "mina@customer.example", "subject": "Hello", "text": "Hello"},
    "POST /customers/<int:customer_id>/name": {"name": "Mina"},
    "PATCH /api/v1/tickets/<int:ticket_id>": {"priority": "high"},
    "PUT /api/v1/fields/<name>": {"of": "ticket", "kind": "text", "label": {"en": "Label"}},
    "PATCH /api/v1/tickets/<int:ticket_id>/fields": {"values": {}},
    "PATCH /api/v1/customers/<int:customer_id>/fields": {"values": {}},
    "POST /api/v1/tickets/<int:ticket_id>/replies": {"text": "Hello"},
    "POST /api/v1/tickets/<int:ticket_id>/notes": {"text": "Hello"},
    "POST /api/v1/tickets/<int:ticket_id>/merge": {"target": 1},
    "PATCH /api/v1/messages/<int:message_id>": {"text": "Hello"},
    "PUT /api/v1/messages/<int:message_id>/reaction": {"emoji": "👍"},
    "GET /messages/<int:message_id>/remote": {"u": "http://127.0.0.1/pixel.png"},
    "GET /api/v1/search": {"q": "order"},
    "GET /search": {"q": "order"},
    "POST /line/me": {"state": "available"},
    "PUT /api/v1/me/availability": {"state": "available"},
    "POST /api/v1/waiting/<int:entry_id>/give": {"queue": 1},
    "POST /api/v1/waiting/<int:entry_id>/end": {"outcome": ""},
    "GET /palette": {"q": "order"},
}
READ_MARKS = ()  # reading that is known to write something down: nothing so far


def table(text):
    """{row: {column: expected}} of one of the tables above."""
    lines = [line for line in text.strip().splitlines()[1:] if line]
    rows = {}
    for line in lines:
        name, *expected = line.rsplit(maxsplit=len(COLUMNS))
        rows[" ".join(name.split())] = dict(zip(COLUMNS, expected, strict=True))
    return rows


# A desk with one of everything -------------------------------------------------------------------------------------


@pytest.fixture
def config(config):
    return type(config)(**{**vars(config), "plugins": bundled()})


@pytest.fixture
def runtime(runtime):
    """With the tables of bundled plugins."""
    own = (Visit, Counter, Appointment, Taken)
    for model in (Topic, saved_replies.SavedReply, RulesVersion, CalendarDays, Endpoint, Call, *own):
        model.__table__.create(runtime.engine)
    for tables in (chat.Base, phone.Base, many.Base, practice.Base):
        tables.metadata.create_all(runtime.engine)
    return runtime


class Everything:
    """One of everything of the first team, and a client for each column."""

    def __init__(self, runtime, people):
        self.runtime, self.people, self.blobs = runtime, people, runtime.blobs
        store = Store(runtime.data_dir)
        store.make()
        demo.mark(runtime.data_dir)
        self.key = store.keep(MAIL, came=True)
        with runtime.uow() as uow:
            self.uow, self.session = uow, uow.session
            self._fill(actor_for(uow.session, people["agent"]))

    def _fill(self, agent):
        html = '<p>Look <img data-remote="http://127.0.0.1/pixel.png"></p>'
        self.ticket_id, self.message_id = self._letter("Where is my order zebra?", html=html)
        self.other_id, _message = self._letter("Another order")
        emptied, _message = self._letter("The same order")
        uow, session = self.uow.acting(agent), self.session
        self.reply_id = replies.reply(uow, self.ticket_id, "On its way", undo=600).id
        tickets.change(uow, self.ticket_id, tags=["giraffe"])
        self.delivery_id = session.scalar(select(Delivery.id))
        self.merge_id = merge.merge(uow, emptied, self.other_id).id
        with uow.writing():
            file = Attachment(
                message_id=self.message_id, name="a.txt", type="text/plain", size=2, sha256=uow.blobs.put(b"hi")
            )
            session.add(file)
            session.add_all(
                RawMessage(account_id=1, external_id=f"bad-{n}", raw=b"\xff", size=1, state="quarantined", reason="Bad")
                for n in range(9)
            )
            session.flush()
            self.file_id = file.id
        api_tokens.add_token(uow, agent.user_id)
        self.token_id = session.scalar(select(Token.id).where(Token.user_id == agent.user_id))
        self.spare_id = users.add(self.uow, "spare@desk.example", "A spare", "agent").id
        self._entry()
        self.job_id, self.saved_view_id = self._job(), self.view_id()
        self.raw_messages = iter(session.scalars(select(RawMessage.id).where(RawMessage.state == "quarantined")).all())

    def _letter(self, subject, html=""):
        sender = Address("email", "mina@customer.example", "Mina Rastegar")
        letter = Inbound(sender, text="A secret elephant", html=html, subject=subject, external_id=f"{subject}@x")
        decided = ingest.decide(self.uow, self.uow.session.get(Account, 1), letter)
        with self.uow.writing() as session:
            raw_message = RawMessage(account_id=1, external_id=subject, raw=b"")
            session.add(raw_message)
            session.flush()
            ingest.write(self.uow, raw_message.id, decided)
            message = session.query(Message).filter_by(raw_message_id=raw_message.id).one()
            return message.ticket_id, message.id

    def view_id(self):
        """A saved view of the agent's own, made anew: one of the acts deletes it."""
        with self.uow.writing() as session:
            view = SavedView(name="Own", conditions={"all": []}, owner_id=self.people["agent"].id)
            session.add(view)
            session.flush()
            return view.id

    @property
    def saved_id(self):
        """A saved reply of the whole desk with a file, made anew: one of the acts deletes it."""
        file = {"name": "guide.txt", "type": "text/plain", "size": 2, "sha256": self.blobs.put(b"hi")}
        given = {
            "name": "Hello",
            "folder": "",
            "scope": "desk",
            "team": None,
            "texts": {"en": {"subject": "", "text": "Hi"}},
        }
        with self.runtime.uow() as uow:
            return saved_replies.add(uow, given | {"actions": []}, [file])

    def _job(self):
        with self.uow.writing() as session:
            job = Job(kind="core.gone", due_at=NEVER)
            session.add(job)
            session.flush()
            return job.id

    def _discarded(self, raw_message_id):
        """What is put back must have been discarded."""
        with self.uow.writing() as session:
            session.get(RawMessage, raw_message_id).state = "discarded"

    def _entry(self):
        """Somebody who waits on the ticket."""
        with self.runtime.uow() as uow:
            return join(uow, "ticket", self.ticket_id).id

    def _token(self):
        """A token of the agent's, made anew: two of the acts revoke it."""
        with self.runtime.uow() as uow:
            api_tokens.add_token(uow, self.people["agent"].id)
            return uow.session.scalar(select(func.max(Token.id)))

    def ids(self, rule, unknown=False):
        """What each part of a route's address is."""
        known = {
            "ticket_id": self.ticket_id, "target_id": 1, "message_id": self.reply_id if rule.rule.endswith("/undo") else self.message_id, "file_id": self.file_id,
            "attachment_id": self.file_id, "delivery_id": self.delivery_id, "merge_id": self.merge_id, "customer_id": 1, "queue_id": 1, "account_id": 1,
            "team_id": 1, "user_id": self.spare_id, "job_id": self.job_id, "token_id": self.token_id, "key": self.key, "number": 0, "name": "all", "channel": "email",
            "digest": "x", "plugin": "mailbox", "row_id": 0, "topic_id": 0, "topic": "order", "endpoint_id": 0, "call_id": 0, "visit_id": 0, "appointment_id": 0, "many_id": 0, "run_id": 0, "cell": "x", "other_id": 0, "what": "policies",
            "signed": "x", "version": "x", "seq": 0, "app": "sms", "event": "ringing",
        }  # fmt: skip
        known |= {"reply_id": self.saved_id, "kind": "json", "mode": "reply"} if "replies" in rule.endpoint else {}
        known["entry_id"] = 0 if unknown or "entry_id" not in rule.arguments else self._entry()
        known["view_id"] = self.view_id() if rule.rule.endswith("view_id>/delete") else self.saved_view_id
        known["raw_message_id"] = next(self.raw_messages) if "raw_message_id" in rule.arguments else 0
        if rule.endpoint.startswith("assets."):
            known["name"] = {"assets.vendor": "htmx.js", "assets.of_plugin": "mailbox.css"}.get(
                rule.endpoint, "css/tokens.css"
            )
        if rule.endpoint.endswith("restore_raw_message") and not unknown:
            self._discarded(known["raw_message_id"])
        if rule.rule.endswith("tokens/<int:token_id>/drop"):
            known["token_id"] = self._token()
        return {name: 999_999 if unknown and name.endswith("_id") else known[name] for name in rule.arguments}


MAIL = b"""From: support@desk.example\r\nTo: mina@customer.example\r\nSubject: Hello\r\nMIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r
Content-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nhi\r\n--b--\r\n"""


@pytest.fixture
def everything(runtime, people):
    return Everything(runtime, people)


@pytest.fixture
def app(runtime, everything):
    app = create_app(runtime.config, runtime)
    app.testing = False
    return app


@pytest.fixture
def request_as(app, runtime, everything):
    """request_as(column, method, rule) is the answer to a request of that route, with a session or a token of its
    own; no CSRF token is asked for.
    """
    app.config["WTF_CSRF_METHODS"] = ()
    bearer = {}

    def token_of(column):
        if column not in bearer:
            with runtime.uow() as uow:
                bearer[column] = api_tokens.add_token(uow, everything.people[column].id)
        return bearer[column]

    def ask(column, method, rule, unknown=False):
        client, api = app.test_client(), rule.rule.startswith("/api/")
        headers = {"Authorization": f"Bearer {token_of(column)}"} if api and column != "nobody" else {}
        if column != "nobody" and not api:
            with runtime.uow() as uow:
                user = uow.session.get(type(everything.people[column]), everything.people[column].id)
            with client.session_transaction() as session:
                session["_user_id"], session["_fresh"] = f"{user.id}:{user.epoch}", True
        with app.test_request_context():
            address = app.url_map.bind("localhost").build(rule.endpoint, everything.ids(rule, unknown), method=method)
        given = {
            name: value.format(**vars(everything), saved_id=everything.saved_id) if isinstance(value, str) else value
            for name, value in GIVEN.get(f"{method} {rule.rule}", {}).items()
        }
        how = {"query_string": given} if method == "GET" else {"json": given} if api else {"data": given}
        return client.open(address, method=method, headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.7"}, **how)

    return ask


def routes(app):
    """("GET /tickets/<int:ticket_id>", rule) of every route and method; sign-out last, since it ends a session."""
    found = {
        f"{method} {rule.rule}": (method, rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    return dict(sorted(found.items(), key=lambda item: ("sign-out" in item[0], item[0])))


def outcome(answer):
    """How an answer reads in the table."""
    sent_to_sign_in = answer.status_code == 302 and "/sign-in" in answer.headers["Location"]
    if answer.status_code == 401 or sent_to_sign_in:
        return "in"
    assert answer.status_code < 500 or answer.status_code == 503, answer.status
    return {403: "no", 404: "none"}.get(answer.status_code, "yes")


# S01 --------------------------------------------------------------------------------------------------------------


def test_every_route_event_and_command_has_its_row(app):
    assert routes(app).keys() == table(PAGES).keys()
    received = {name.removeprefix("on_") for name in dir(ConsoleNamespace) if name.startswith("on_")}
    assert table(SOCKET).keys() == received == {*EVENTS, "connect", "disconnect"}


def test_every_command_is_the_operators():
    add_plugin_commands(from_environment())

    def names(group, before=""):
        for name, command in group.commands.items():
            yield from names(command, f"{before}{name} ") if isinstance(command, click.Group) else [before + name]

    assert sorted(names(cli)) == sorted(COMMANDS.strip().split(" · "))


@pytest.mark.parametrize("column", COLUMNS)
def test_the_table_of_routes(app, request_as, column):
    expected = {row: wanted[column] for row, wanted in table(PAGES).items()}
    found = {}
    for row, (method, rule) in routes(app).items():
        answer = request_as(column, method, rule)
        found[row] = "yes" if row == "POST /sign-out" and column != "nobody" else outcome(answer)
    assert found == expected


@pytest.mark.parametrize("column", COLUMNS)
def test_the_table_of_the_line(request, app, everything, column):
    live = app.extensions["live"]
    client = app.test_client()
    if column != "nobody":
        user = everything.people[column]
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = f"{user.id}:{user.epoch}", True
    request.addfinalizer(live.close)
    line = live.socketio.test_client(app, namespace="/desk", flask_test_client=client)
    found = {"connect": "yes" if line.is_connected("/desk") else "no"}
    if line.is_connected("/desk"):
        answer = line.emit("subscribe", {"since": 0}, namespace="/desk", callback=True)
        (console,) = live.consoles.values()
        found["subscribe"] = "yes" if console.rooms and answer["missed"] is not None else "no"
        watched = {"ticket": everything.ticket_id}
        refused = line.emit("watch_ticket", watched, namespace="/desk", callback=True) == REFUSAL
        found["watch_ticket"] = "none" if refused else "yes"
        seen = {"ticket": everything.ticket_id, "upto": 1}
        found["read"] = "none" if line.emit("read", seen, namespace="/desk", callback=True) == REFUSAL else "yes"
        found["typing"] = (
            "no"
            if line.emit("typing", {"ticket": everything.ticket_id, "writing": True}, namespace="/desk", callback=True)
            else "yes"
        )
        line.disconnect(namespace="/desk")
        found["disconnect"] = "no" if live.consoles else "yes"
    assert {event: wanted[column] for event, wanted in table(SOCKET).items()} == {
        **dict.fromkeys(table(SOCKET), "no"),
        **found,
    }


def test_every_change_asks_for_our_own_token(app, request_as, everything):
    """TRUST A25: what has no CSRF token changes nothing; API, webhook door and public pages take no browser's word."""
    app.config["WTF_CSRF_METHODS"] = ("POST", "PATCH", "DELETE", "PUT")
    for row, (method, rule) in routes(app).items():
        public = isinstance(app.blueprints.get(rule.endpoint.rpartition(".")[0]), PublicPages)
        if method != "GET" and not public and not rule.rule.startswith(("/api/", "/in/")):
            assert request_as("admin", method, rule).status_code == 403, row


# S02 --------------------------------------------------------------------------------------------------------------

SECRETS = (
    "Mina Rastegar",
    "mina@customer",
    "zebra",
    "elephant",
    "giraffe",
    "Orders and delivery",
    "The agent",
    "The admin",
    "The supervisor",
    "a.txt",
)


def test_strangers_see_no_difference_between_foreign_and_unknown(app, request_as):
    for row, (method, rule) in routes(app).items():
        if table(PAGES)[row]["stranger"] != "none" or not rule.arguments:
            continue
        foreign, unknown = request_as("stranger", method, rule), request_as("stranger", method, rule, unknown=True)
        assert foreign.status_code == unknown.status_code == 404, row
        assert _steady(foreign.text) == _steady(unknown.text), row


def _steady(text):
    return re.sub(r'(csrf-token" content=|nonce=|value=)"[^"]*"', "", text)


def test_no_name_of_another_team_leaks(app, request_as, runtime, everything):
    for row, (method, rule) in routes(app).items():
        if method == "GET" and not rule.rule.startswith(("/assets/", "/x/mailbox", "/api/v1/openapi")):
            answer = request_as("stranger", method, rule)
            assert not [secret for secret in SECRETS if secret in answer.text], row


def test_searching_and_counting_tell_nothing(app, everything, runtime):
    client, stranger = app.test_client(), everything.people["stranger"]
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{stranger.id}:{stranger.epoch}", True
    with runtime.uow() as uow:
        bearer = {"Authorization": f"Bearer {api_tokens.add_token(uow, stranger.id)}"}
    for words in ("zebra", "elephant", "Mina", "mina@customer.example", "giraffe", "#1", "1", "Orders"):
        assert not any(client.get("/palette", query_string={"q": words}).json.values()), words
        for path in ("/api/v1/search", "/api/v1/tickets"):
            assert client.get(path, query_string={"q": words}, headers=bearer).json["items"] == [], words
        assert f"/tickets/{everything.ticket_id}" not in client.get("/search", query_string={"q": words}).text


# W03 --------------------------------------------------------------------------------------------------------------


def everything_stored(runtime):
    """A hash of every row of every table."""
    digest = hashlib.sha256()
    with runtime.engine.connect() as connection:
        for entity in Base.metadata.sorted_tables:
            digest.update(entity.name.encode())
            for row in sorted(map(repr, connection.execute(select(entity)))):
                digest.update(row.encode())
    return digest.hexdigest()


@pytest.mark.parametrize("column", ["nobody", "agent", "admin"])
def test_reading_changes_nothing(app, runtime, everything, request_as, column):
    gets = {row: rule for row, (method, rule) in routes(app).items() if method == "GET" and row not in READ_MARKS}
    request_as(column, "GET", gets["GET /api/v1/me"])  # makes the token
    before = everything_stored(runtime)
    for row, rule in gets.items():
        request_as(column, "GET", rule)
        assert everything_stored(runtime) == before, row
    with runtime.uow() as uow, uow.writing() as session:
        session.get(Account, 1).name = "changed"
    assert everything_stored(runtime) != before, "a change would have been seen"
