import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories
import Resources

extension Upserts {
    static let parameters = [BulkParameter.uniqueFields, .updateFields, .isAtomic]

    /// Describes an upsert.
    func describe(at place: OperationPlace, _ components: inout OpenAPIComponents) -> OperationDescription {
        let count = settings.maximumUpsertCount
        var description = OperationDescription("Create or update up to \(count) \(place.resource.name)")
        description.text = "An item updates the row with the same values in the unique fields, or is a new row."
        let fields = place.resource.repository.fields
        description.parameters = Self.parameters.map { parameter in
            var described = parameter.description(of: fields)
            described.isRequired = parameter == .uniqueFields
            return described
        }
        description.parameters.append(.strictHandling)
        let schemas = BulkSchemas(place: place)
        let item = schemas.upsertItem(&components)
        let body: KeyValue = [
            "anyOf": [item, ["type": "array", "items": item, "minItems": 1, "maxItems": .integer(count)]]
        ]
        description.body = .init(
            [.init(body, example: [schemas.example(of: .upsert(uniqueBy: [], updating: nil))])],
            "One item or an array, at most \(maximumBodySize) bytes.", maximumByteCount: maximumBodySize)
        let report = report(item: item, &components)
        var headers: [OperationDescription.HeaderField] = [.bulkErrors]
        if settings.idempotency != nil { headers.append(.replayed) }
        description.responses = [.init(200, "All items were written.", [.init(report)], headers)]
        var invalid = OperationDescription.Failure.invalid(
            "A parameter is invalid, there are too many items, or no item was written.",
            detail: "Empty data list provided",
            members: [
                .init("provided_items", OperationSchemas.count), .init("max_sync_items", OperationSchemas.count),
                .init("error", OperationSchemas.text), .init("suggestion", OperationSchemas.text),
            ])
        if settings.reportsFailuresInStatus {
            description.responses.append(.init(207, "Some items failed.", [.init(report)], headers))
            invalid.others = [report]
        }
        invalid.fields = headers.map { header in
            var optional = header
            optional.isRequired = false
            return optional
        }
        description.failures = [
            invalid, .tooLarge("The body is too large.", detail: "The body has more than \(maximumBodySize) bytes."),
            .unsupportedType,
        ]
        if settings.idempotency != nil {
            description.parameters.append(.idempotencyKey)
            description.failures += OperationDescription.Failure.idempotency
            var full = OperationDescription.Failure(
                .serviceUnavailable, "Too many requests with keys are running.",
                detail: "Too many requests with Idempotency-Key are running.")
            full.fields = [.retryAfter(isRequired: true)]
            description.failures.append(full)
        }
        return description
    }

    private func report(item: KeyValue, _ components: inout OpenAPIComponents) -> KeyValue {
        let error: KeyValue = [
            "type": "object", "description": "The problems of each field.",
            "additionalProperties": ["type": "array", "items": ["type": "string"]],
        ]
        let failure = OperationSchemas.object([
            .init("index", OperationSchemas.count), .init("error", error),
            .init("data", ["description": "The item as it was sent."]),
        ])
        let counts = ["total_items", "created_count", "updated_count", "unchanged_count", "error_count"]
        return components.reference(
            .schemas, "UpsertReport",
            OperationSchemas.object(
                [.init("message", OperationSchemas.text)] + counts.map { .init($0, OperationSchemas.count) } + [
                    .init("created_ids", OperationSchemas.keys), .init("updated_ids", OperationSchemas.keys),
                    .init("errors", ["type": "array", "items": failure]),
                    .init("unique_fields", OperationSchemas.names), .init("update_fields", OperationSchemas.names),
                    .init("is_sync", ["const": true]),
                ]))
    }
}
