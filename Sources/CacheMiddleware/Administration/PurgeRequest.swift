import HTTPPipeline
import HTTPTypes
import KeyConstructor

/// The purges that a query describes.
struct PurgeRequest {
    /// The maximum number of selections in one request.
    static let selectionLimit = 100

    let selections: [PurgeSelection]
    let mode: PurgeMode

    /// Parses a query.
    ///
    /// A query has selections of one kind. With two kinds it would be unclear whether entries have to match one or both.
    ///
    /// - Throws: An `AdministrationProblem` that names the invalid parameter.
    init(_ query: QueryParameters) throws(AdministrationProblem) {
        switch query["mode"] ?? "hard" {
        case "hard": mode = .hard
        case "soft": mode = .soft
        case let other: throw AdministrationProblem(.badRequest, "mode: '\(other)' is neither hard nor soft")
        }
        let kinds = Self.kinds.filter { !query.values(for: $0).isEmpty }
        guard kinds.count == 1, let kind = kinds.first else {
            throw AdministrationProblem(
                .badRequest,
                kinds.isEmpty
                    ? "a purge needs key, tag, url, prefix or everything=true"
                    : "a purge has one kind of selection, not \(kinds.joined(separator: " and "))"
            )
        }
        let values = query.values(for: kind)
        guard values.count <= Self.selectionLimit else {
            throw AdministrationProblem(
                .badRequest, "\(kind): at most \(Self.selectionLimit) values, not \(values.count)")
        }
        var selections: [PurgeSelection] = []
        for value in values { selections.append(try Self.selection(kind, value)) }
        self.selections = selections
    }

    /// The parameters that select entries.
    private static let kinds = ["key", "tag", "url", "prefix", "everything"]

    private static func selection(_ kind: String, _ value: String) throws(AdministrationProblem) -> PurgeSelection {
        guard !value.isEmpty else { throw AdministrationProblem(.badRequest, "\(kind): the value is empty") }
        switch kind {
        case "key":
            guard let key = CacheKey(value) else {
                throw AdministrationProblem(.badRequest, "key: '\(value)' is not 32 hexadecimal digits")
            }
            return .key(key)
        case "tag":
            return .tag(value)
        case "everything":
            guard value == "true" else {
                throw AdministrationProblem(.badRequest, "everything: the value is 'true', not '\(value)'")
            }
            return .everything
        default:
            guard value.hasPrefix("/") else {
                throw AdministrationProblem(.badRequest, "\(kind): '\(value)' does not begin with a slash")
            }
            return kind == "url" ? .url(value) : .prefix(value)
        }
    }
}

extension QueryParameters {
    /// Checks that a query has no other parameters than the given ones.
    ///
    /// - Parameters:
    ///   - single: The parameters that may occur once.
    ///   - repeatable: The parameters that may occur any number of times.
    /// - Throws: An `AdministrationProblem` that names the first unknown or repeated parameter.
    func require(_ single: [String], repeatable: [String] = []) throws(AdministrationProblem) {
        var names: Set<String> = []
        for parameter in parameters {
            let name = parameter.name
            guard !repeatable.contains(name) else { continue }
            guard single.contains(name) else {
                let known = (single + repeatable).joined(separator: ", ")
                throw AdministrationProblem(
                    .badRequest, "unknown parameter '\(name)'" + (known.isEmpty ? "" : "; expected \(known)"))
            }
            guard names.insert(name).inserted else {
                throw AdministrationProblem(.badRequest, "\(name): more than one value")
            }
        }
    }
}
