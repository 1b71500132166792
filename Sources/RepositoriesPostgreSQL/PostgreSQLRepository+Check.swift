#if PostgreSQL
import PostgreSQLTransport
import Repositories

extension PostgreSQLRepository {
    /// Compares the fields with the table, and with the view that rows are read from if there is one.
    ///
    /// Call it before the server listens: it reads the catalog with a few statements and no rows. The table has a column of a fitting type
    /// for each field, a unique index for each unique group, and a default for a key that the repository assigns. More columns are allowed.
    /// Nothing is created or changed.
    ///
    /// | field | types of the column |
    /// |---|---|
    /// | integer | `bigint`, `integer`, `smallint` |
    /// | number | `double precision` |
    /// | boolean | `boolean` |
    /// | text | `text`, `character varying` |
    ///
    /// - Throws: ``SchemaMismatch`` with all differences, and `PostgreSQLError`.
    public func check() async throws {
        let differences = try await client.withConnection { connection in
            let table = try await TableCatalog(fields.table) { try await connection.execute($0, $1) }
            guard table.exists else { return [SchemaMismatch.Difference.missingTable(fields.table)] }
            var readOnly: Set<String> = []
            var differences: [SchemaMismatch.Difference] = []
            if fields.source != fields.table {
                let view = try await TableCatalog(fields.source) { try await connection.execute($0, $1) }
                guard view.exists else { return [.missingTable(fields.source)] }
                differences += Self.differences(fields.source, fields.fields, view)
                // The table need not have the fields of the view that are never written.
                readOnly = Set(
                    fields.fields.filter { field in
                        field.isReadOnly && !field.isKey && !field.isVersion && field.computation == nil
                    }.map(\.name))
            }
            let stored = fields.fields.filter { !readOnly.contains($0.name) || table.columns[$0.column] != nil }
            differences += Self.differences(fields.table, stored, table)
            return differences + rules(table)
        }
        if !differences.isEmpty { throw SchemaMismatch(differences: differences) }
    }

    private static func differences(
        _ name: String, _ fields: [FieldDescription], _ table: TableCatalog
    ) -> [SchemaMismatch.Difference] {
        fields.compactMap { field in
            let types = typeNames(field.type)
            guard let column = table.columns[field.column] else {
                return .missingColumn(table: name, column: field.column, expected: types.description)
            }
            guard !types.names.contains(column.typeName) else { return nil }
            return .otherType(
                table: name, column: field.column, expected: types.description, found: column.type)
        }
    }

    private func rules(_ table: TableCatalog) -> [SchemaMismatch.Difference] {
        var differences: [SchemaMismatch.Difference] = []
        for group in fields.uniqueGroups {
            let columns = group.compactMap { fields[$0]?.column }
            guard columns.allSatisfy({ table.columns[$0] != nil }), !table.isUnique(columns) else { continue }
            differences.append(.missingUniqueIndex(table: fields.table, columns: columns))
        }
        let key = fields.key
        if key.type == .integer, key.isReadOnly, table.columns[key.column]?.hasDefault == false {
            differences.append(.missingKeyDefault(table: fields.table, column: key.column))
        }
        return differences
    }

    /// Returns the internal names of the types whose values a field can have, and how they are written.
    private static func typeNames(_ type: FieldType) -> (names: Set<String>, description: String) {
        switch type {
        case .integer: (["int8", "int4", "int2"], "bigint, integer or smallint")
        case .number: (["float8"], "double precision")
        case .boolean: (["bool"], "boolean")
        case .text: (["text", "varchar"], "text or character varying")
        }
    }
}
#endif
