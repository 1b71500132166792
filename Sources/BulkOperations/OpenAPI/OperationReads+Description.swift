import HTTPPipeline
import KeyConstructor
import Repositories
import Resources

extension OperationReads {
    static let parameters = [BulkParameter.keys]

    /// Describes GET. Its body with filters has no meaning in HTTP (RFC 9110, section 9.3.1), and OpenAPI 3.1 has no QUERY.
    func describe(at place: OperationPlace, _ components: inout OpenAPIComponents) -> OperationDescription {
        let settings = operations.settings
        var description = OperationDescription("Read many \(place.resource.name) by their keys or by filters")
        description.text = """
            Up to \(settings.maximumDirectReadCount) keys are read at once, more keys and filters by a worker. A request needs keys or \
            filters. QUERY on the same path takes filters in a JSON body, such as `{"filters": {"field": {"gte": 1}}}`.
            """
        description.parameters =
            Self.parameters.map { $0.description(of: place.resource.repository.fields) }
            + [.waiting(upTo: settings.maximumWait, handlesItems: false)]
        let row = BulkSchemas(place: place).row(&components)
        let direct = OperationSchemas.object([
            .init("count", OperationSchemas.count),
            .init(
                "results",
                ["type": "array", "items": row, "maxItems": .integer(settings.maximumDirectReadCount)]),
            .init("is_async", ["const": false]),
        ])
        let submission = OperationSubmission(operations: operations)
        // A read has no failed items.
        description.responses = submission.responses(&components).filter { $0.status != 207 }.map { response in
            guard response.status == 200 else { return response }
            let ended = response.contents.map(\.schema)
            return .init(
                200, "The rows, or the status of the operation that ended while the request waited.",
                [.init(["anyOf": .array([direct] + ended)])],
                response.fields.map { field in
                    var field = field
                    if field.name != "Vary" { field.isRequired = false }
                    return field
                })
        }
        description.failures = [
            .invalid(
                "A parameter is invalid, or there are neither keys nor filters.",
                detail: "Provide either 'ids' query parameter or query filters in request body"),
            .tooLarge(
                "The filters select too many rows.",
                detail:
                    "The filters select \(settings.maximumReadCount + 1) rows, and the maximum is \(settings.maximumReadCount)."
            ),
            .tooMany(operations.queue.settings.maximumOperationCount),
        ]
        return description
    }
}
