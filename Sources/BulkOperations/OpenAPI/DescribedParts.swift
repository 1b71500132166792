import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Resources

extension OperationDescription.Parameter {
    /// A header field of a request.
    private static func field(_ name: HTTPField.Name, _ text: String, examples: [KeyValue], isRequired: Bool = false)
        -> Self
    {
        var schema: [KeyValue.Member] = [.init("type", "string"), .init("examples", .array(examples))]
        if isRequired { schema.append(.init("minLength", 1)) }
        var parameter = Self(name.rawName, text, .object(schema))
        (parameter.isHeaderField, parameter.isRequired) = (true, isRequired)
        return parameter
    }

    /// The field of a guard, or nil if it requires none.
    static func guarding(_ guarding: BulkGuard) -> Self? {
        guard let header = guarding.header else { return nil }
        let all = guarding.requiresAll ? " A request without filters needs `all`." : ""
        return field(
            header, "Confirms a write to all selected rows, with any value but `false`, `0` and `no`.\(all)",
            examples: ["true"], isRequired: true)
    }

    static let maximumAffected = field(
        .prefer, "`max-affected=n` changes nothing if there are more than n rows (RFC 7240).",
        examples: ["max-affected=100"])

    static let strictHandling = field(
        .prefer, "`handling=strict` writes all items or none (RFC 7240).", examples: ["handling=strict"])

    /// The preferences of operations.
    static func waiting(upTo limit: Duration, handlesItems: Bool) -> Self {
        let strict = handlesItems ? " `handling=strict` writes all items or none." : ""
        return field(
            .prefer,
            """
            `wait=n` waits for the end of the operation, up to n seconds and at most \(limit.components.seconds); `respond-async` does \
            not wait (RFC 7240).\(strict)
            """, examples: ["wait=5", "respond-async"])
    }

    static let idempotencyKey = field(
        .idempotencyKey, "Repetitions with the same key get the first response. A key needs a user.",
        examples: ["\"8e03978e-40d5-43e8-bc93-6894a57f9324\""])
}

extension OperationDescription.HeaderField {
    static let bulkAffected = Self(.bulkAffected, "The number of rows.", OperationSchemas.count)
    static let bulkErrors = Self(.bulkErrors, "The number of failed items.", OperationSchemas.count)
    static let preferenceApplied = Self(
        .preferenceApplied, "The preference that took effect.", OperationSchemas.text, isRequired: false)
    static let replayed = Self(
        .idempotentReplayed, "`true` if the response is that to an earlier request with the same key.",
        ["const": "true"],
        isRequired: false)
    static let location = Self(.location, "The path of the status.", OperationSchemas.path)
    static let next = Self(.link, "The next page (RFC 8288).", OperationSchemas.text, isRequired: false)
    static let cacheControl = Self(.cacheControl, "How caches may use the response.", OperationSchemas.text)
    static let vary = Self(
        .vary, "The fields of requests that select the representation.", OperationSchemas.text)
    static let disposition = Self(
        .contentDisposition, "The name of a file.", OperationSchemas.text, isRequired: false)

    /// The seconds after which a client should ask again.
    static func retryAfter(isRequired: Bool) -> Self {
        Self(.retryAfter, "The seconds after which to ask again.", OperationSchemas.count, isRequired: isRequired)
    }
}

extension OperationDescription.Failure {
    /// An invalid request.
    static func invalid(_ text: String, detail: String, members: [KeyValue.Member] = [], others: [KeyValue] = [])
        -> Self
    {
        var failure = Self(.badRequest, text, detail: detail)
        failure.hasFieldErrors = true
        failure.members = members
        failure.others = others
        return failure
    }

    /// A body or a part of it above a limit.
    static func tooLarge(_ text: String, detail: String) -> Self {
        var failure = Self(.contentTooLarge, text, detail: detail)
        failure.members = [.init("limit", OperationSchemas.count), .init("unit", OperationSchemas.text)]
        return failure
    }

    /// Too many operations of a user.
    static func tooMany(_ maximum: Int) -> Self {
        var failure = Self(
            .tooManyRequests, "The user has too many operations that have not ended, or too many bytes in operations.",
            detail: "The user has \(maximum) operations that have not ended, which is the maximum.")
        failure.members = [.init("limit", OperationSchemas.count), .init("unit", OperationSchemas.text)]
        failure.fields = [.retryAfter(isRequired: true)]
        return failure
    }

    /// A body of another media type.
    static let unsupportedType = Self(
        .unsupportedMediaType, "The media type of the body is not supported.",
        detail: "Unsupported media type \"text/plain\" in request.")

    /// An upload of another media type or content coding, with fields that name those that are supported.
    static let unsupportedUpload: Self = {
        var failure = Self(
            .unsupportedMediaType, "The media type or the content coding of the body is not supported.",
            detail: UploadDecoder.typeDetail)
        failure.fields = [HTTPField.Name.accept, .acceptPost, .acceptPatch, .acceptEncoding].map { name in
            .init(name, "What is supported instead.", OperationSchemas.text, isRequired: false)
        }
        return failure
    }()

    /// The refusals of idempotency keys.
    static let idempotency: [Self] = {
        var running = Self(
            .conflict, "A request with the same Idempotency-Key is running.",
            detail: "A request with this Idempotency-Key is running.")
        running.fields = [.retryAfter(isRequired: false)]
        return [
            running,
            Self(
                .unprocessableContent, "Another request had the same Idempotency-Key.",
                detail: "This Idempotency-Key was used for another request. Send a new key."),
        ]
    }()

    static let unauthorized: Self = {
        var failure = Self(
            .unauthorized, "The list is that of a user.", detail: "Authentication credentials were not provided.")
        failure.fields = [.init(.wwwAuthenticate, "The authentication scheme.", OperationSchemas.text)]
        return failure
    }()

    static let notFound = Self(
        .notFound, "The operation is unknown, has expired, or is one of another user.", detail: "Not found.")
}
