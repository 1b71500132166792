import HTTPPipeline
import HTTPTypes
import KeyConstructor
import Repositories
import Resources

/// A route for the operations of users.
enum OperationRoute: String, CaseIterable, Sendable {
    case list, status, cancel, results

    var method: HTTPRequest.Method { self == .cancel ? .delete : .get }

    var template: String {
        switch self {
        case .list: "/operations"
        case .status, .cancel: "/operations/{id}/status"
        case .results: "/operations/{id}/results"
        }
    }

    /// The templates of all routes.
    static let allTemplates = [list.template, status.template, results.template]
}

/// A query parameter of a route for operations.
struct OperationRouteParameter: Sendable {
    let description: OperationDescription.Parameter

    var name: String { description.name }

    private init(_ name: String, _ text: String, _ schema: KeyValue) {
        description = OperationDescription.Parameter(name, text, schema)
    }

    /// The numbers of entries of a page, and the number without the parameter.
    static let listSizes = (range: 1...100, default: 20)
    static let resultSizes = (range: 1...1000, default: 100)

    /// Returns the parameters of a route.
    static func all(of route: OperationRoute) -> [OperationRouteParameter] {
        switch route {
        case .status, .cancel: []
        case .list:
            [
                pageSize(listSizes), .init("status", "The status of the operations.", OperationSchemas.states),
                .init("before", "The operation before which the others were accepted.", OperationSchemas.identifier),
            ]
        case .results:
            [
                choice(
                    "outcome", "Which items; without it, failed ones.",
                    OperationResults.Outcome.allCases.map(\.rawValue)),
                choice(
                    "format", "The format, instead of that of Accept.", OperationResults.formats.offered.map(\.name)),
                pageSize(resultSizes),
                .init(
                    "from", "The index of the first item of a page.",
                    ["type": "integer", "minimum": 0, "maximum": .integer(.max)]),
            ]
        }
    }

    private static func pageSize(_ sizes: (range: ClosedRange<Int>, default: Int)) -> Self {
        .init(
            "page_size", "The maximum number of entries of a page.",
            [
                "type": "integer", "minimum": .integer(sizes.range.lowerBound),
                "maximum": .integer(sizes.range.upperBound), "default": .integer(sizes.default),
            ])
    }

    private static func choice(_ name: String, _ text: String, _ names: [String]) -> Self {
        .init(name, text, ["type": "string", "enum": .array(names.map { .string($0) })])
    }

    /// Refuses unknown and repeated parameters.
    ///
    /// - Throws: `FieldErrors` with the first one.
    static func check(_ query: QueryParameters, of route: OperationRoute) throws(FieldErrors) {
        let known = all(of: route).map(\.name)
        for parameter in query.parameters where !known.contains(parameter.name) {
            throw FieldErrors(field: parameter.name, "Unknown parameter.")
        }
        for name in known where query.values(for: name).count > 1 {
            throw FieldErrors(field: name, "The parameter is given more than once.")
        }
    }
}
