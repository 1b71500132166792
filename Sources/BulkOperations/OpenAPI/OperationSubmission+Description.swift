import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories
import Resources

extension OperationSubmission {
    /// Returns the parameters of requests with a method. A query without them is the same for all methods with items.
    static func parameters(of method: HTTPRequest.Method) -> [BulkParameter] {
        let upserts = method == .patch || method == .put
        return BulkParameter.ofItems.filter { upserts || ($0 != .uniqueFields && $0 != .updateFields) }
    }

    /// Describes a request with items.
    func describe(
        _ method: HTTPRequest.Method, at place: OperationPlace, _ components: inout OpenAPIComponents
    ) -> OperationDescription {
        let name = place.resource.name
        let kind: OperationRequest.Kind
        var description: OperationDescription
        switch method {
        case .patch: (kind, description) = (.update, .init("Update or upsert any number of \(name)"))
        case .put: (kind, description) = (.replace, .init("Replace or upsert any number of \(name)"))
        case .delete: (kind, description) = (.delete, .init("Delete any number of \(name) by their keys"))
        default: (kind, description) = (.create, .init("Create any number of \(name)"))
        }
        description.text = """
            A worker writes the items in chunks. Wrong items do not fail the request: they are failed items of the operation. At most \
            \(operations.settings.maximumItemCount) items.
            """
        if kind != .create, kind != .delete { description.text += " With `unique_fields`, items are upserted." }
        description.parameters =
            Self.parameters(of: method).map { $0.description(of: place.resource.repository.fields) }
            + [.waiting(upTo: operations.settings.maximumWait, handlesItems: true), .idempotencyKey]
        description.body = body(of: kind, BulkSchemas(place: place), &components)
        description.responses = responses(&components)
        var invalid = OperationDescription.Failure.invalid(
            "A parameter or the file is invalid, or all items of an operation that ended failed.",
            detail: "Empty list provided",
            others: operations.settings.reportsFailuresInStatus ? [OperationSchemas.status(&components)] : [])
        invalid.fields = Self.endedFields.map { field in
            var optional = field
            optional.isRequired = false
            return optional
        }
        description.failures =
            [
                invalid,
                .tooLarge(
                    "The upload exceeds a limit.",
                    detail: "The operation has more than \(operations.settings.maximumItemCount) items."),
                .unsupportedUpload, .tooMany(operations.queue.settings.maximumOperationCount),
            ] + OperationDescription.Failure.idempotency
        return description
    }

    /// The responses to an accepted operation.
    func responses(_ components: inout OpenAPIComponents) -> [OperationDescription.Response] {
        var accepted = OperationDescription.Response(
            202, "The operation was accepted.", [.init(OperationSchemas.acceptance(&components))],
            [.location, .retryAfter(isRequired: true), .preferenceApplied, .replayed])
        let identifier: KeyValue = ["id": "$response.body#/task_id"]
        accepted.links = .object(
            ["status", "cancel", "results"].map {
                .init($0, ["operationId": .string("operations-\($0)"), "parameters": identifier])
            })
        let status = OperationSchemas.status(&components)
        var responses = [
            accepted,
            .init(200, "The operation ended while the request waited.", [.init(status)], Self.endedFields),
        ]
        if operations.settings.reportsFailuresInStatus {
            responses.append(
                .init(
                    207, "The operation ended while the request waited; some items failed.", [.init(status)],
                    Self.endedFields))
        }
        return responses
    }

    private static let endedFields: [OperationDescription.HeaderField] = [
        .bulkErrors, .preferenceApplied, .replayed, .cacheControl, .vary, .retryAfter(isRequired: false),
    ]

    private func body(
        of kind: OperationRequest.Kind, _ schemas: BulkSchemas, _ components: inout OpenAPIComponents
    ) -> OperationDescription.Body {
        let settings = operations.settings
        var item = schemas.item(of: kind, &components)
        if kind != .create, kind != .delete { item = ["anyOf": [item, schemas.upsertItem(&components)]] }
        let example = schemas.example(of: kind)
        let list: KeyValue = [
            "type": "array", "items": item, "minItems": 1, "maxItems": .integer(settings.maximumItemCount),
        ]
        let csv = KeyValue.string(schemas.csvExample(of: kind))
        var line = ""
        if case .string(let text) = KeyValue.string(KeyWriter.text { $0.write(example) }) { line = text + "\n" }
        let file: KeyValue = [
            "type": "object", "required": ["file"], "additionalProperties": false,
            "properties": [
                "file": [
                    "type": "string", "contentMediaType": "text/csv",
                    "description": "A file of CSV, JSON or JSON Lines, by its media type or its name.",
                ],
                "unique_fields": ["type": "string"], "update_fields": ["type": "string"],
            ],
        ]
        var contents: [OperationDescription.Content] = [.init(list, example: [example])]
        for mediaType in UploadFormat.mediaTypes where UploadFormat(mediaType: mediaType) == .jsonLines {
            contents.append(.init(mediaType, ["type": "string", "minLength": 1], example: .string(line)))
        }
        contents.append(.init("text/csv", ["type": "string", "minLength": 1], example: csv))
        contents.append(.init("multipart/form-data", file))
        return .init(
            contents,
            """
            The items as a JSON array, as JSON Lines, or as CSV with a header; or a form with a file. At most \
            \(settings.maximumUploadByteCount) bytes; with Content-Encoding: gzip, at most \(settings.maximumUnpackedByteCount) \
            unpacked ones.
            """, maximumByteCount: settings.maximumUploadByteCount)
    }
}
