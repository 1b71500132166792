"""What schemathesis does not check by itself: header fields that are not described, the reasons of refusals, and representations
in every form. It also gives most updates the current entity tag, because a random one gets 412 before anything else happens."""

import zlib

import schemathesis

# Fields of the connection, the server and the coding of the content, which no description of an API has, and Content-Type, which
# describes the content.
TRANSPORT = {"content-length", "content-type", "content-encoding", "date", "connection", "transfer-encoding", "server"}

# The problems of requests that a schema allows.
REASONS = (
    "This field must be unique.",
    "The fields user_id, city_id must make a unique set.",
    "The fields title, author_code must make a unique set.",
    "The row refers to a row that does not exist",
    "Invalid pk ",
    "Invalid cursor.",
    # All filters together.
    "There are more than",
    "The filters are invalid",
    # Values of X-BULK-OPERATION that do not count, and filters that select all rows.
    "Header 'X-BULK-OPERATION' should be provided",
    "Without filters the operation is one on all rows.",
    # The fields to set and the unique fields exclude each other.
    '"title" is not a valid choice.',
    '"author_code" is not a valid choice.',
    # Fields by which rules select rows.
    "This field decides which rows may be written.",
    "Provide either 'ids' query parameter or query filters",
    "Expected pairs of a column and a field",
    "The operation would change ",
    "Prefer: max-affected must be a whole number.",
    "Idempotency-Key ",
    # Upserts by an operation need unique fields.
    "This field is required.",
)

ACCEPTED = (
    None,
    "application/json",
    "text/csv, application/problem+json",
    "application/json, application/problem+json;q=0.5",
)


def number(case):
    """A number that depends on the request only."""
    return zlib.crc32(repr((case.method, case.formatted_path, case.query, case.body)).encode())


@schemathesis.deserializer("text/csv", "application/jsonl")
def text(ctx, response):
    return response.content.decode()


@schemathesis.serializer("text/csv", "application/jsonl", "application/x-ndjson", "application/x-jsonlines", "application/jsonlines")
def file(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def before_call(context, case, kwargs):
    accepted = ACCEPTED[number(case) % len(ACCEPTED)]
    if accepted and "Accept" not in (case.headers or {}):
        case.headers["Accept"] = accepted
    if case.method not in ("PUT", "PATCH", "DELETE") or "If-Match" not in (case.headers or {}):
        return
    if number(case) % 4 and case.headers["If-Match"]:
        headers = {name: value for name, value in case.headers.items() if name == "Authorization"}
        current = case.operation.schema.find_operation_by_label(f"GET {case.path}")
        if current is not None:
            request = current.Case(path_parameters=dict(case.path_parameters), headers=headers)
            tag = request.call(**{key: kwargs[key] for key in ("session",) if key in kwargs}).headers.get("etag")
            if tag:
                case.headers["If-Match"] = tag[0]


@schemathesis.check
def described_headers(ctx, response, case):
    definition = case.operation.responses.find_by_status_code(response.status_code)
    if definition is None or response.request.method != case.operation.method.upper():
        return
    described = {name.lower() for name, _ in definition.headers.items()} | TRANSPORT
    unknown = {name.lower() for name in response.headers} - described
    assert not unknown, f"Header fields that are not described: {', '.join(sorted(unknown))}"


@schemathesis.check
def reasons(ctx, response, case):
    if response.status_code != 400 or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.method == "HEAD":
        return
    # A schema says nothing about the rows in files.
    if case.media_type not in (None, "application/json", "application/merge-patch+json"):
        return
    body = response.json()
    # Items of bulk operations fail for the reasons of rows.
    if b'"total_items"' in response.content:
        return
    errors = body.get("errors") or ({"detail": body["detail"]} if "detail" in body else body)
    messages = [message for value in errors.values() for message in ([value] if isinstance(value, str) else value if isinstance(value, list) else [])]
    unexpected = [message for message in messages if not message.startswith(REASONS)]
    assert not unexpected, f"A valid request was refused: {unexpected}"


def described_types(case):
    definition = case.operation.responses.find_by_status_code(200)
    return definition.definition.get("content", {}) if definition is not None else {}


@schemathesis.check
def bodies(ctx, response, case):
    status = response.status_code
    if response.request.method == "HEAD" or status in (204, 304):
        assert not response.content, "A body that this response cannot have"
    elif status >= 400:
        assert response.content, "An error without a body"
        # The outcome of a bulk operation without a written item is no error.
        if b'"total_items"' in response.content:
            return
        accept = response.request.headers.get("Accept") or ""
        expected = "application/problem+json" if "problem+json" in accept else "application/json"
        assert response.headers["content-type"][0] == expected, f"An error in another form than {expected}"
    elif status == 200 and "text/csv" in described_types(case) and "text/csv" in (response.request.headers.get("Accept") or "") and "format" not in (case.query or {}):
        assert response.headers["content-type"][0].startswith("text/csv"), "Another format than that of Accept"
