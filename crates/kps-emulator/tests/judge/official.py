"""The official SDK in front of the emulator. Takes what the emulator greets with, tells what each call came to, a JSON
object a line: the step, and the status, the code and the message of a refusal, or what was read and what had come."""

import base64
import json
import sys
import urllib.request

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException
from huaweicloudsdkcore.utils.http_utils import sanitize_for_serialization
from huaweicloudsdkkps.v3 import (
    AssociateKeypairRequest, AssociateKeypairRequestBody, Auth, BatchAssociateKeypairRequest,
    BatchAssociateKeypairRequestBody, BatchExportPrivateKeyRequest, BatchImportKeypairRequest,
    ClearPrivateKeyRequest, CreateKeypairAction, CreateKeypairRequest, CreateKeypairRequestBody,
    DeleteAllFailedTaskRequest, DeleteFailedTaskRequest, DeleteKeypairRequest, DisassociateEcsServerInfo,
    DisassociateKeypairRequest, DisassociateKeypairRequestBody, EcsServerInfo, Encryption, ExportPrivateKeyRequest,
    ExportPrivateKeyRequestBody, ImportPrivateKeyKeypairBean, ImportPrivateKeyProtection, ImportPrivateKeyRequest,
    ImportPrivateKeyRequestBody, Keypair, KeypairBean, Keypairs, KeyProtection, KpsClient, ListFailedTaskRequest,
    ListKeypairDetailRequest, ListKeypairsRequest, ListKeypairTaskRequest, ListRunningTaskRequest,
    UpdateKeypairDescriptionReq, UpdateKeypairDescriptionRequest, UpdateKeypairDescriptionRequestBody)

GREETING = json.loads(sys.argv[1])
SERVERS = [server["id"] for server in GREETING["servers"]]
PASSWORDS = [server["password"] for server in GREETING["servers"]]
DEFAULT = Encryption(type="default")
NOWHERE = "00000000-0000-4000-8000-000000000000"


def client(access_key=GREETING["access_key"], secret_key=GREETING["secret_key"], project_id=GREETING["project_id"]):
    credentials = BasicCredentials(access_key, secret_key, project_id)
    return KpsClient.new_builder().with_credentials(credentials).with_endpoint(GREETING["endpoint"]).build()


def step(name, call, request):
    try:
        answer = call(request)
    except ServiceResponseException as error:
        return tell(name, error.status_code, code=error.error_code, message=error.error_msg, id=error.request_id)
    raw = answer.raw_content or b""
    if raw.startswith(b"PK"):
        tell(name, answer.status_code, read=base64.b64encode(raw).decode())
    else:
        tell(name, answer.status_code, read=sanitize_for_serialization(answer) or None, came=raw.decode())
    return answer


def tell(name, status, **rest):
    print(json.dumps({"step": name, "status": status, **rest}), flush=True)


def advance(time):
    body = json.dumps({"by": time}).encode()
    with urllib.request.urlopen(GREETING["endpoint"] + "/_emulator/clock/advance", body) as answer:
        assert answer.status == 200


def create(name, **rest):
    return CreateKeypairRequest(CreateKeypairRequestBody(CreateKeypairAction(name, **rest)))


def importing(name, public_key, private_key=None):
    protection = KeyProtection(private_key, DEFAULT) if private_key else None
    return CreateKeypairRequestBody(CreateKeypairAction(name, public_key=public_key, key_protection=protection))


def bind(name, server, type="password", key=None):
    return AssociateKeypairRequestBody(name, EcsServerInfo(SERVERS[server], Auth(type, key or PASSWORDS[server])))


kps = client()

made = step("make one", kps.create_keypair, create("deploy", type="ssh", scope="user")).keypair
step("the name is taken", kps.create_keypair, create("deploy"))
hosted = step("make one and host it", kps.create_keypair, create("hosted", key_protection=KeyProtection(encryption=DEFAULT))).keypair
step("import one", kps.create_keypair, create("imported", public_key=made.public_key))
step("a key that is none", kps.create_keypair, create("broken", public_key="ssh-rsa AAAA"))

page = step("list some", kps.list_keypairs, ListKeypairsRequest(limit="2"))
step("list the rest", kps.list_keypairs, ListKeypairsRequest(limit="9", marker=page.page_info.next_marker))
step("a limit that is none", kps.list_keypairs, ListKeypairsRequest(limit="0"))
step("show one", kps.list_keypair_detail, ListKeypairDetailRequest("deploy"))
step("show one that is not there", kps.list_keypair_detail, ListKeypairDetailRequest("absent"))
described = UpdateKeypairDescriptionRequestBody(UpdateKeypairDescriptionReq("für Zürich ✓"))
step("describe it", kps.update_keypair_description, UpdateKeypairDescriptionRequest("deploy", described))
step("show it described", kps.list_keypair_detail, ListKeypairDetailRequest("deploy"))

export = ExportPrivateKeyRequest(ExportPrivateKeyRequestBody(KeypairBean("hosted")))
step("export a private key", kps.export_private_key, export)
step("clear it", kps.clear_private_key, ClearPrivateKeyRequest("hosted"))
step("export one that is not there", kps.export_private_key, export)
step("clear one that is not there", kps.clear_private_key, ClearPrivateKeyRequest("hosted"))
bean = ImportPrivateKeyKeypairBean("hosted", key_protection=ImportPrivateKeyProtection(hosted.private_key, DEFAULT))
step("import it", kps.import_private_key, ImportPrivateKeyRequest(ImportPrivateKeyRequestBody(bean)))
bean = ImportPrivateKeyKeypairBean("deploy", key_protection=ImportPrivateKeyProtection(hosted.private_key, DEFAULT))
step("import another's", kps.import_private_key, ImportPrivateKeyRequest(ImportPrivateKeyRequestBody(bean)))
batch = [
    importing("batch-1", made.public_key, made.private_key),
    importing("batch-2", hosted.public_key),
    importing("deploy", made.public_key),
]
step("import several", kps.batch_import_keypair, BatchImportKeypairRequest(batch))
names = [Keypairs(Keypair(name=name)) for name in ("hosted", "batch-1")]
step("export several", kps.batch_export_private_key, BatchExportPrivateKeyRequest(names))

bound = step("bind", kps.associate_keypair, AssociateKeypairRequest(bind("deploy", 0)))
step("it waits", kps.list_running_task, ListRunningTaskRequest())
advance("2s")
step("it runs", kps.list_running_task, ListRunningTaskRequest(limit=10, offset=0))
advance("10s")
step("it has ended", kps.list_keypair_task, ListKeypairTaskRequest(bound.task_id))
step("nothing is under way", kps.list_running_task, ListRunningTaskRequest(limit=1))
failed = step("bind with a wrong password", kps.associate_keypair, AssociateKeypairRequest(bind("deploy", 1, key="guessed")))
advance("12s")
step("it has failed", kps.list_keypair_task, ListKeypairTaskRequest(failed.task_id))
step("the reason", kps.list_failed_task, ListFailedTaskRequest(limit=1, offset=43))
step("a limit of tasks that is none", kps.list_failed_task, ListFailedTaskRequest(limit=0))
step("forget it", kps.delete_failed_task, DeleteFailedTaskRequest(failed.task_id))
step("it is forgotten already", kps.delete_failed_task, DeleteFailedTaskRequest(failed.task_id))
step("a task that is not there", kps.list_keypair_task, ListKeypairTaskRequest(NOWHERE))
step("an id that is none", kps.list_keypair_task, ListKeypairTaskRequest("a"))

auth = Auth("password", PASSWORDS[0])
elsewhere = AssociateKeypairRequestBody("deploy", EcsServerInfo(NOWHERE, auth))
step("a server that is not there", kps.associate_keypair, AssociateKeypairRequest(elsewhere))
step("bind one that is not there", kps.associate_keypair, AssociateKeypairRequest(bind("absent", 1)))
several = [bind("hosted", server) for server in (1, 3, 5)]
step("bind several", kps.batch_associate_keypair, BatchAssociateKeypairRequest(BatchAssociateKeypairRequestBody(several)))
step("replace", kps.associate_keypair, AssociateKeypairRequest(bind("hosted", 0, "keypair", made.private_key)))
advance("12s")
freed = DisassociateEcsServerInfo(SERVERS[0], Auth("keypair", hosted.private_key))
freed = DisassociateKeypairRequest(DisassociateKeypairRequestBody(freed))
freed = step("take it off", kps.disassociate_keypair, freed)
advance("12s")
step("it is off", kps.list_keypair_task, ListKeypairTaskRequest(freed.task_id))

step("forget all failures", kps.delete_all_failed_task, DeleteAllFailedTaskRequest())
step("there are none", kps.list_failed_task, ListFailedTaskRequest())
step("delete", kps.delete_keypair, DeleteKeypairRequest("imported"))
step("it is deleted already", kps.delete_keypair, DeleteKeypairRequest("imported"))

wrong = client(secret_key="SKwrong")
step("a secret that is wrong", wrong.list_keypairs, ListKeypairsRequest())
wrong = client(access_key="AKNOBODY")
step("a caller that is unknown", wrong.list_keypairs, ListKeypairsRequest())
wrong = client(project_id="f" * 32)
step("a project that is another's", wrong.list_keypairs, ListKeypairsRequest())
