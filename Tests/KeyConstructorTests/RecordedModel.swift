import Foundation
import HTTPPipeline
import KeyConstructor

/// The table of the recorded views and its queries, described as Django's ORM prints them.
struct RecordedModel {
    let view: [String: Any]
    let query: QueryParameters
    let pathParameters: PathParameters

    private static let columns = ["id", "name", "country", "population", "capital"]
    private static let rows: [[KeyValue]] = [
        [1, "Moscow", "RU", 12, true], [2, "O'Hara", nil, -1, false], [3, "Лондон \"q\"", "UK", 9, false],
    ]

    /// A condition of a query: its text, its bound value and the matching rows.
    private struct Condition {
        let text: String
        let values: [KeyValue]
        let holds: ([KeyValue]) -> Bool
    }

    /// Adds the view's statements and rows to the exchange.
    func describe(in exchange: inout Exchange) {
        guard view["viewset"] as? Bool == true else { return }
        let filters = view["empty_queryset"] as? Bool == true ? nil : conditions()
        exchange[ListQuery.self] = filters.map(Self.statement) ?? .empty
        exchange[ListModelValues.self] = ModelValues(filters.map(Self.rows) ?? [])
        let retrieval = filters.flatMap { filters in lookUp().map { filters + [$0] } }
        exchange[RetrieveQuery.self] = retrieval.map(Self.statement) ?? .empty
        exchange[RetrieveModelValues.self] = ModelValues(retrieval.map(Self.rows) ?? [])
    }

    private func conditions() -> [Condition]? {
        var conditions: [Condition] = []
        for key in view["filter_keys"] as? [String] ?? [] {
            guard let value = query[key] else { continue }
            guard let condition = Self.condition(key, value) else { return nil }
            conditions.append(condition)
        }
        return conditions
    }

    private func lookUp() -> Condition? {
        let field = view["lookup_field"] as? String ?? "pk"
        switch pathParameters[view["lookup_url_kwarg"] as? String ?? field] {
        case .string(let text)?: return Self.condition(field == "pk" ? "id" : field, text)
        case .integer(let number)?: return Self.condition(field == "pk" ? "id" : field, String(number))
        default: return nil
        }
    }

    /// The condition, or nil when it is impossible.
    private static func condition(_ key: String, _ text: String) -> Condition? {
        let parts = key.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let index = columns.firstIndex(of: name) else { return nil }
        let column = "\"cities_city\".\"\(name)\""
        switch key {
        case "country__isnull":
            let isNull = text == "True"
            return Condition(text: "\(column) IS \(isNull ? "" : "NOT ")NULL", values: []) {
                ($0[index] == .null) == isNull
            }
        case "id__in":
            let numbers = text.split(separator: ",").map { Int($0).map { KeyValue.integer($0) } }
            guard !numbers.isEmpty, !numbers.contains(nil) else { return nil }
            let values = numbers.compactMap(\.self)
            let marks = values.map { _ in "?" }.joined(separator: ", ")
            return Condition(text: "\(column) IN (\(marks))", values: values) { values.contains($0[index]) }
        case "capital":
            let isCapital = text == "True"
            return Condition(text: isCapital ? column : "NOT \(column)", values: []) { $0[index] == .bool(isCapital) }
        case "id", "population":
            guard let number = Int(text) else { return nil }
            return Condition(text: "\(column) = ?", values: [.integer(number)]) { $0[index] == .integer(number) }
        default:
            return Condition(text: "\(column) = ?", values: [.string(text)]) { $0[index] == .string(text) }
        }
    }

    private static func statement(_ conditions: [Condition]) -> QueryDescription {
        let list = columns.map { "\"cities_city\".\"\($0)\"" }.joined(separator: ", ")
        var text = "SELECT \(list) FROM \"cities_city\""
        if conditions.count == 1 { text += " WHERE \(conditions[0].text)" }
        if conditions.count > 1 { text += " WHERE (\(conditions.map(\.text).joined(separator: " AND ")))" }
        return QueryDescription(text, values: conditions.flatMap(\.values))
    }

    private static func rows(_ conditions: [Condition]) -> [[KeyValue]] {
        rows.filter { row in conditions.allSatisfy { $0.holds(row) } }
    }
}
