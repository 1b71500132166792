#if PostgreSQL && GRDB
import GRDB
import PipelineTesting
import PostgreSQLTransport
import Repositories
import RepositoriesPostgreSQL
import RepositoriesSQLite
import TestSupport
import Testing

/// Random writes, which have the same outcomes on PostgreSQL, where a statement writes many rows, as on SQLite, where each row is written
/// after the other.
@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason))
struct EngineAgreementTests {
    private enum Item {
        static let id = Field.integer("id").key()
        static let name = Field.text("name", 1...3)
        static let slug = Field.text("slug").optional().unique()
        static let group = Field.integer("group_number").default(1)
        static let note = Field.text("note").optional()
        static let weight = Field.number("weight").optional()
        static let isOpen = Field.boolean("is_open").default(false)
        static let folded = Field.text("folded").hidden().computed(from: name) { $0.lowercased() }
        static let version = Field.integer("version").version { 1 }
        static let all = FieldSet("items", id, name, slug, group, note, weight, isOpen, folded, version)
            .unique("name", "group_number")
    }

    private static let schema = """
        CREATE TABLE items (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, slug TEXT UNIQUE, group_number BIGINT NOT NULL, note TEXT,
            weight DOUBLE PRECISION CHECK (weight <> 13), is_open BOOLEAN NOT NULL, folded TEXT NOT NULL,
            version BIGINT NOT NULL, UNIQUE (name, group_number)
        );
        """

    @Test(arguments: 1...8) func `Random writes have the same outcomes as on SQLite`(seed: UInt64) async throws {
        let queue = try DatabaseQueue()
        try await queue.write { try $0.execute(sql: Self.schema) }
        let model = SQLiteRepository(Item.all, in: queue)
        let schema = Self.schema.replacing("INTEGER PRIMARY KEY", with: "BIGSERIAL PRIMARY KEY")
        try await TestDatabase.with(schema: schema) { database in
            let items = PostgreSQLRepository(Item.all, in: database.client)
            var random = SeededGenerator(seed: seed)
            for number in 0..<120 {
                let write = Self.write(&random)
                let (result, expected) = (try await items.apply(write), try await model.apply(write))
                let outcomes = result.outcomes.map(\.comparable)
                let comment: Comment = "write \(number): \(write.kind), \(Self.lines(write.rows)), \(write.scope)"
                #expect(outcomes == expected.outcomes.map(\.comparable), comment)
                let fields = Item.all.fields.map(\.name)
                let (rows, expectedRows) = (
                    try await items.rows(RowQuery(fields: fields)), try await model.rows(RowQuery(fields: fields))
                )
                #expect(rows == expectedRows, comment)
                guard rows == expectedRows else { return }
            }
        }
    }

    private static func lines(_ rows: RowBatch) -> [[RowValue?]] {
        (0..<rows.rowCount).map { row in rows.columns.indices.map { rows.value(of: rows[row, $0]) } }
    }

    // MARK: - Random writes

    private static func write(_ random: inout SeededGenerator) -> RowWrite {
        let kinds: [RowWrite.Kind] = [
            .create, .update, .update, .replace, .delete, .upsert(uniqueBy: ["name", "group_number"]),
            .upsert(uniqueBy: ["name", "group_number"], updating: ["note"]), .upsert(uniqueBy: ["id"]),
            .upsert(uniqueBy: ["slug"]), .upsert(uniqueBy: ["note"]),
        ]
        let kind = kinds.randomElement(using: &random) ?? .create
        // The engines assign different keys, so rows have one.
        var columns = ["id", "name", "slug", "group_number", "note", "weight", "is_open"]
        let canOmit =
            switch kind {
            case .upsert(let unique, let updating): Set(["weight", "is_open"]).subtracting(unique + (updating ?? []))
            case .create: Set(["slug", "note", "weight", "is_open"])
            default: Set(columns.dropFirst())
            }
        columns.removeAll { canOmit.contains($0) && Int.random(in: 0..<3, using: &random) == 0 }
        let isPartial = Int.random(in: 0..<2, using: &random) == 0
        var rows = RowBatch(columns: columns)
        for _ in 0..<Int.random(in: 1...7, using: &random) {
            for name in columns {
                if isPartial, name != "id", Int.random(in: 0..<4, using: &random) == 0 {
                    rows.append(cell: .absent)
                } else {
                    rows.append(value(of: name, &random))
                }
            }
        }
        let scope: Selection =
            switch Int.random(in: 0..<4, using: &random) {
            case 0: Item.group < 3
            case 1: Item.note != "x" || Item.isOpen == true
            default: .all
            }
        let versions: [Int64?]? =
            kind == .create || Int.random(in: 0..<2, using: &random) == 0
            ? nil
            : (0..<rows.rowCount).map { _ in
                Int.random(in: 0..<3, using: &random) == 0 ? .random(in: 1...2, using: &random) : nil
            }
        let isAtomic = Int.random(in: 0..<5, using: &random) == 0
        var write = RowWrite(kind, rows, scope: scope, isAtomic: isAtomic, versions: versions)
        write.keepsScope = Int.random(in: 0..<2, using: &random) == 0
        return write
    }

    private static func value(of name: String, _ random: inout SeededGenerator) -> RowValue {
        switch name {
        case "id": .integer(.random(in: 1...12, using: &random))
        case "name": ["a", "b", "c", "é", "too long"].randomElement(using: &random) ?? .null
        case "slug": [.null, .null, "s", "t", "u", "v", "w"].randomElement(using: &random) ?? .null
        case "group_number": .integer(.random(in: 1...3, using: &random))
        case "note": [.null, "x", "y", "", "z\0"].randomElement(using: &random) ?? .null
        case "weight": [.null, 0, 1.5, 13, .number(-0.0), .number(.infinity)].randomElement(using: &random) ?? .null
        default: .boolean(.random(using: &random))
        }
    }
}

extension RowOutcome {
    /// The outcome without the field and message of failures that depend on the rule that an engine checks first.
    fileprivate var comparable: String {
        switch self {
        case .failed(let error) where error.code == .duplicate || error.field == nil && error.code == .invalid:
            // A row may break a check and a unique index.
            "failed by a rule"
        default: "\(self)"
        }
    }
}
#endif
