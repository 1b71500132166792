#if PostgreSQL
import PostgreSQLTransport
import Repositories

/// What the database's catalog says about a table: its columns, and the columns of its constraints and unique indexes.
struct TableCatalog: Sendable {
    /// A column of the table.
    struct Column: Sendable {
        /// The type as PostgreSQL writes it, for example `character varying(20)`.
        let type: String
        /// The internal name of the type, for example `int4`.
        let typeName: String
        /// Whether new rows get a value that is not given.
        let hasDefault: Bool
    }

    /// The columns by name.
    private(set) var columns: [String: Column] = [:]
    /// The columns of each unique index that has no condition, in the order of the index.
    private(set) var uniqueIndexes: [String: [String]] = [:]
    /// The columns of each reference to another table.
    private(set) var references: [String: [String]] = [:]

    /// Whether there is a table or view with the name.
    var exists: Bool { !columns.isEmpty }

    private static let columnText = """
        SELECT a.attname, format_type(a.atttypid, a.atttypmod), t.typname, \
        a.atthasdef OR a.attidentity <> '' \
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
        WHERE a.attrelid = to_regclass(quote_ident($1::text)) AND a.attnum > 0 AND NOT a.attisdropped
        """

    private static let indexText = """
        SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
        CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, position) \
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number \
        WHERE i.indrelid = to_regclass(quote_ident($1::text)) AND i.indisunique AND i.indpred IS NULL \
        AND i.indexprs IS NULL AND k.position <= i.indnkeyatts ORDER BY c.relname, k.position
        """

    private static let referenceText = """
        SELECT c.conname, a.attname FROM pg_constraint c \
        CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (number, position) \
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number \
        WHERE c.conrelid = to_regclass(quote_ident($1::text)) AND c.contype = 'f' ORDER BY c.conname, k.position
        """

    /// Reads the catalog.
    ///
    /// - Parameters:
    ///   - table: The name of a table or view in the search path.
    ///   - execute: Runs a statement.
    /// - Throws: The errors of `execute`.
    init(
        _ table: String, _ execute: (String, [PostgreSQLValue]) async throws -> PostgreSQLResult
    ) async throws {
        let columns = try await execute(Self.columnText, [.text(table)])
        for row in 0..<columns.rowCount {
            self.columns[columns.text(row, 0) ?? ""] = Column(
                type: columns.text(row, 1) ?? "", typeName: columns.text(row, 2) ?? "",
                hasDefault: columns.boolean(row, 3) == true)
        }
        uniqueIndexes = Self.groups(try await execute(Self.indexText, [.text(table)]))
        references = Self.groups(try await execute(Self.referenceText, [.text(table)]))
    }

    private static func groups(_ result: PostgreSQLResult) -> [String: [String]] {
        var groups: [String: [String]] = [:]
        for row in 0..<result.rowCount {
            groups[result.text(row, 0) ?? "", default: []].append(result.text(row, 1) ?? "")
        }
        return groups
    }

    /// Whether no two rows can have the same values in some columns.
    func isUnique(_ columns: [String]) -> Bool {
        uniqueIndexes.values.contains { Set($0) == Set(columns) }
    }
}
#endif
