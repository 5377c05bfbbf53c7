"""MiniStack with its gaps mended, for the tests. Each mend names the gap; each has a test in test/emulator/."""
import json
import os
import signal
import sys
import threading
import time
from importlib.metadata import version

PINNED = "1.4.21"
if version("ministack") != PINNED:
    sys.exit(f"launcher.py mends ministack {PINNED}, and this is {version('ministack')}: read its changes, then pin anew")

from ministack import app
from ministack.core import lambda_runtime
from ministack.core.responses import new_uuid
from ministack.services import dynamodb, eventbridge, lambda_svc, s3, scheduler, sns, sqs
from ministack.services.cloudformation import _stacks, handlers, provisioners, stacks

types = provisioners._RESOURCE_HANDLERS


# Gap: CloudFormation drops a queue's RedrivePolicy.
def queue_with_redrive(logical_id, props, stack_name, create=types["AWS::SQS::Queue"]["create"]):
    url, attributes = create(logical_id, props, stack_name)
    for name in ("RedrivePolicy", "RedriveAllowPolicy"):
        if name in props:
            sqs._queues[url]["attributes"][name] = json.dumps(props[name])
    return url, attributes


types["AWS::SQS::Queue"]["create"] = queue_with_redrive


# Gap: CloudFormation drops tags. A GlobalTable's are those of its replica.
def write_tags(type_name, place):
    create = types[type_name]["create"]

    def tagged(logical_id, props, stack_name):
        made = create(logical_id, props, stack_name)
        tags = props.get("Tags") or [tag for replica in props.get("Replicas", []) for tag in replica.get("Tags", [])]
        place(made[0]).update({tag["Key"]: tag["Value"] for tag in tags})
        return made

    types[type_name]["create"] = tagged


write_tags("AWS::S3::Bucket", lambda name: s3._bucket_tags.setdefault(name, {}))
write_tags("AWS::SQS::Queue", lambda url: sqs._queues[url]["tags"])
write_tags("AWS::SNS::Topic", lambda arn: sns._topics[arn]["tags"])
write_tags("AWS::Lambda::Function", lambda name: lambda_svc._functions[name]["tags"])
for table in ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
    write_tags(table, lambda name: dynamodb._tables[name].setdefault("tags", {}))


# Gap: a resource without an update handler is made anew when a property changes, and loses what it holds.
def keep_contents(type_name, store, contents):
    create, delete = types[type_name]["create"], types[type_name]["delete"]

    def update(physical_id, old, new, stack_name, logical_id):
        before = store.get(physical_id)
        made = create(logical_id, new, stack_name)
        if made[0] != physical_id:
            delete(physical_id, old)
        elif before is not None:
            store[physical_id].update({key: before[key] for key in contents if key in before})
        return made

    types[type_name].update(update=update, update_with_logical_id=True)


keep_contents("AWS::SQS::Queue", sqs._queues, ("messages", "dedup_cache", "fifo_seq"))
keep_contents("AWS::SNS::Topic", sns._topics, ("subscriptions", "messages"))
for table in ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
    keep_contents(table, dynamodb._tables, ("items", "TableId", "CreationDateTime", "ItemCount", "TableSizeBytes"))
keep_contents("AWS::Lambda::Function", lambda_svc._functions, ("policy", "event_invoke_config", "event_invoke_configs"))


# Gap: what is made anew under another name leaves the old one behind (a subscription is told twice), and a schedule
# that exists refuses to be made anew, so that its update is lost.
def replace(type_name):
    create, delete = types[type_name]["create"], types[type_name]["delete"]

    def update(physical_id, old, new, stack_name, logical_id):
        delete(physical_id, old)
        return create(logical_id, new, stack_name)

    types[type_name].update(update=update, update_with_logical_id=True)


replace("AWS::SNS::Subscription")
replace("AWS::Scheduler::Schedule")


# Gap: DeleteStack knows names only, and `cdk destroy` deletes by ARN.
def delete_by_arn(params, delete=handlers._ACTION_HANDLERS["DeleteStack"]):
    asked = handlers._p(params, "StackName")
    names = [name for name, stack in _stacks.items() if asked.startswith("arn:") and stack.get("StackId") == asked]
    return delete({**params, "StackName": [*names, asked][:1]})


handlers._ACTION_HANDLERS["DeleteStack"] = delete_by_arn


# Gap: the DeletionPolicy of a resource is not looked at.
def delete_unless_retained(type_name, physical_id, props, stack, logical_id, delete=stacks._delete_resource):
    definition = _stacks[stack]["_template"].get("Resources", {}).get(logical_id, {})
    if not definition.get("DeletionPolicy", "").startswith("Retain"):
        delete(type_name, physical_id, props, stack, logical_id)


stacks._delete_resource = delete_unless_retained


# Gap: the Scheduler hands on its context attributes as they were written. A cron slot is the whole minute.
def invoke_in_context(target, event, rule, *rest, invoke=eventbridge._invoke_target):
    if event.get("Source") == "aws.scheduler" and target.get("Input"):
        step = 60 if rule["ScheduleExpression"].startswith("cron") else 1
        slot = time.gmtime(event["Time"] // step * step)
        context = {
            "scheduled-time": time.strftime("%Y-%m-%dT%H:%M:%SZ", slot),
            "schedule-arn": rule["Arn"],
            "execution-id": new_uuid(),
            "attempt-number": "1",
        }
        for name, value in context.items():
            target = {**target, "Input": target["Input"].replace(f"<aws.scheduler.{name}>", value)}
    return invoke(target, event, rule, *rest)


eventbridge._invoke_target = invoke_in_context

# Gap: schedules are looked at every 10 s only.
scheduler._SCHEDULE_TICK_INTERVAL = 1


# Gap: the context of a Node function is empty, and always has 300 s left.
def mend_worker(old, new):
    assert old in lambda_runtime._NODEJS_WORKER_SCRIPT, old
    lambda_runtime._NODEJS_WORKER_SCRIPT = lambda_runtime._NODEJS_WORKER_SCRIPT.replace(old, new)


mend_worker("const context = {", "const endsAt = Date.now() + 1000 * process.env._LAMBDA_TIMEOUT;\n    const context = {")
mend_worker("() => 300000", "() => Math.max(0, endsAt - Date.now())")
mend_worker('event._function_name || ""', "process.env.AWS_LAMBDA_FUNCTION_NAME")
mend_worker('event._memory || "128"', "process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
mend_worker('event._arn || ""', "process.env._LAMBDA_FUNCTION_ARN")


# Gap: a function takes one invocation at a time, and all others wait for it. In Lambda each has an environment of its own.
class Environments:
    def __init__(self, *made_of, worker=lambda_runtime.Worker):
        self._open = lambda: worker(*made_of)
        self._all = []
        self._idle = []
        self._lock = threading.Lock()

    def _take(self):
        with self._lock:
            if self._idle:
                return self._idle.pop()
            self._all.append(self._open())
            return self._all[-1]

    def invoke(self, event, request_id):
        environment = self._take()
        try:
            return environment.invoke(event, request_id)
        finally:
            with self._lock:
                self._idle.append(environment)

    def kill(self):
        with self._lock:
            for environment in self._all:
                environment.kill()


lambda_runtime.Worker = Environments


# Not a gap: with `--with-parent`, stdin is a pipe that ends with whoever started us, however that ended.
def end_with_parent():
    while os.read(0, 1024):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


if "--with-parent" in sys.argv:
    threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv = sys.argv[:1]
app.main()
