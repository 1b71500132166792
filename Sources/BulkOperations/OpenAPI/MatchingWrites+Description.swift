import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories
import Resources

extension MatchingWrites {
    /// The parameters of both methods.
    static let parameters = [BulkParameter.isDryRun]

    /// Describes DELETE or PATCH of selected rows.
    func describe(
        _ method: HTTPRequest.Method, at place: OperationPlace, _ components: inout OpenAPIComponents
    ) -> OperationDescription {
        let isDeletion = method == .delete
        let name = place.resource.name
        var description = OperationDescription(
            "\(isDeletion ? "Delete" : "Update") all \(name) that filters select")
        description.text = "One statement in one transaction."
        let fields = place.resource.repository.fields
        description.parameters = Self.parameters.map { $0.description(of: fields) } + [.maximumAffected]
        if let guarding = OperationDescription.Parameter.guarding(settings.guarding) {
            description.parameters.append(guarding)
        }
        if !isDeletion {
            let example = fields.fields.last { $0.isWritable && !$0.isKey && !place.boundFields.contains($0.name) }
            description.body = .init(
                [
                    .init(
                        BulkSchemas(place: place).changes(&components),
                        example: .object(example.map { [.init($0.name, $0.exampleValue.keyValue)] } ?? []))
                ], "The fields to set, at most \(maximumBodySize) bytes.", maximumByteCount: maximumBodySize)
        }
        let affected: [OperationDescription.HeaderField] = [.bulkAffected, .preferenceApplied]
        let count = OperationSchemas.object([
            .init("affected", OperationSchemas.count), .init("dry_run", ["const": true]),
        ])
        description.responses = [
            .init(204, "The rows were \(isDeletion ? "deleted" : "updated").", [], affected),
            .init(200, "Nothing was changed: the number of rows of a dry run.", [.init(count)], affected),
        ]
        description.failures = [
            .invalid(
                "The guarding field is missing, a parameter or a field is invalid, or there are more rows than Prefer allows.",
                detail: "Header '\(settings.guarding.header?.rawName ?? "")' should be provided for bulk operation.",
                members: [.init("affected", OperationSchemas.count), .init("max_affected", OperationSchemas.count)])
        ]
        if isDeletion {
            description.failures.append(
                .init(.conflict, "Other rows refer to one of the rows.", detail: Self.referenced))
        } else {
            description.failures += [
                .tooLarge("The body is too large.", detail: "The body has more than \(maximumBodySize) bytes."),
                .unsupportedType,
            ]
        }
        return description
    }
}
