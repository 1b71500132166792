import Repositories
import Testing

/// Checks with random rows, selections and writes, which a ``MemoryRepository`` has to answer in the same way.
extension RepositorySuite {
    func agreesWithTheModel(seed: UInt64) async throws {
        let repository = try await make()
        let model = try MemoryRepository(Self.fields)
        var random = SeededGenerator(seed: seed)
        var rows = Self.randomRows(count: 120, &random)
        for row in 0..<rows.rowCount { rows.set(.integer(Int64(row + 1)), row: row, column: 0) }
        let create = RowWrite(.create, rows, isAtomic: false)
        let (result, expected) = (try await repository.apply(create), try await model.apply(create))
        #expect(result.outcomes.map(\.summary) == expected.outcomes.map(\.summary))
        for _ in 0..<150 {
            let selection = Self.selection(depth: 3, &random)
            let order = (0..<Int.random(in: 0...2, using: &random)).map { _ in
                RowOrder(Self.names.randomElement(using: &random) ?? "id", isDescending: .random(using: &random))
            }
            var query = RowQuery(selection, order: order, fields: ["id", "area", "note"] + order.map(\.field))
            query.fields = Array(Set(query.fields ?? [])).sorted()
            let expected = try await model.rows(query)
            let found = try await repository.rows(query)
            #expect(found == expected, "selection \(selection), order \(order), seed \(seed)")
            #expect(try await repository.count(selection) == expected.rowCount)
            guard expected.rowCount > 1 else { continue }
            let last = Int.random(in: 0..<expected.rowCount, using: &random)
            query.after = query.cursor(after: last, of: expected, in: Self.fields)
            #expect(try await repository.rows(query) == model.rows(query), "after row \(last), seed \(seed)")
        }
    }

    func writesLikeTheModel(seed: UInt64) async throws {
        let repository = try await make()
        let model = try MemoryRepository(Self.fields)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let write = Self.randomWrite(&random)
            let (result, expected) = (try await repository.apply(write), try await model.apply(write))
            let (outcomes, expectedOutcomes) = (result.outcomes.map(\.summary), expected.outcomes.map(\.summary))
            #expect(outcomes == expectedOutcomes, "\(write.kind), seed \(seed)")
            #expect(try await repository.rows(RowQuery()) == model.rows(RowQuery()), "\(write.kind), seed \(seed)")
        }
    }

    // MARK: - Random values

    private static let names = ["id", "name", "country", "population", "area", "is_active", "note", "version"]
    private static let pieces = [
        "a", "b", "A", "%", "_", "'", "é", "e\u{301}", "\u{1F600}", "\u{10FFFF}", "\\", "*", " ",
    ]

    private static func text(_ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    }

    private static func value(of name: String, _ random: inout SeededGenerator) -> RowValue {
        switch name {
        case "name", "note": .text(text(&random))
        case "country": .text(["AA", "BB", "CC"].randomElement(using: &random) ?? "")
        case "area": .number([-1.5, 0, 0.1, 2, 1e10].randomElement(using: &random) ?? 0)
        case "is_active": .boolean(.random(using: &random))
        default: .integer(.random(in: 0...9, using: &random))
        }
    }

    private static func randomRows(count: Int, _ random: inout SeededGenerator) -> RowBatch {
        let columns = ["id", "name", "country", "population", "area", "is_active", "note"]
        var rows = RowBatch(columns: columns)
        for _ in 0..<count {
            for name in columns {
                if name == "area" || name == "note", Int.random(in: 0..<3, using: &random) == 0 {
                    rows.append(.null)
                } else {
                    rows.append(value(of: name, &random))
                }
            }
        }
        return rows
    }

    private static func selection(depth: Int, _ random: inout SeededGenerator) -> Selection {
        let name = names.randomElement(using: &random) ?? "id"
        let isText = fields[name]?.type == .text
        switch Int.random(in: 0..<(depth > 0 ? 12 : 7), using: &random) {
        case 0: return .isNull(name)
        case 1:
            let values = (0..<Int.random(in: 0...3, using: &random)).map { _ in value(of: name, &random) }
            return .values(name, values)
        case 2: return .range(name, value(of: name, &random), value(of: name, &random))
        case 3...6:
            let comparison = Selection.Comparison.allCases.filter {
                isText || !$0.rawValue.hasSuffix("with") && $0 != .contains
            }
            return .comparison(name, comparison.randomElement(using: &random) ?? .equal, value(of: name, &random))
        case 7, 8: return .not(selection(depth: depth - 1, &random))
        case 9:
            return .and((0..<Int.random(in: 0...3, using: &random)).map { _ in selection(depth: depth - 1, &random) })
        default:
            return .or((0..<Int.random(in: 0...12, using: &random)).map { _ in selection(depth: depth - 1, &random) })
        }
    }

    private static func randomWrite(_ random: inout SeededGenerator) -> RowWrite {
        let kinds: [RowWrite.Kind] = [
            .create, .update, .replace, .delete, .upsert(uniqueBy: ["name", "country"]),
            .upsert(uniqueBy: ["name", "country"], updating: ["note"]),
        ]
        let kind = kinds.randomElement(using: &random) ?? .create
        let needsKey = [.update, .replace, .delete].contains(kind)
        let rows = randomRows(count: .random(in: 1...8, using: &random), &random)
        let versions: [Int64?] = (0..<rows.rowCount).map { _ in
            Int.random(in: 0..<3, using: &random) == 0 ? .random(in: 1...3, using: &random) : nil
        }
        let scope = Int.random(in: 0..<3, using: &random) == 0 ? selection(depth: 2, &random) : .all
        return RowWrite(
            kind, rows, scope: scope, isAtomic: Int.random(in: 0..<4, using: &random) == 0,
            versions: needsKey ? versions : nil)
    }
}

extension RowOutcome {
    /// The outcome without the message of a failure. Where a row breaks two rules, databases report different ones.
    fileprivate var summary: String {
        switch self {
        case .failed(let error): "failed \(error.code)"
        default: "\(self)"
        }
    }
}
