#if PostgreSQL
import PostgreSQLTransport
import Repositories

/// The existing rows that were found for the rows of a write, and locked.
struct RowLookUp {
    let result: PostgreSQLResult
    private let keyType: FieldType
    private let hasVersion: Bool
    private let reading: [String]
    /// The index in the result by the index of the row in the write.
    private var indexes: [Int: Int] = [:]
    /// The keys of the rows in the scope, if the statement that locked the rows could not tell.
    private var keysInScope: Set<RowValue>?

    /// - Parameters:
    ///   - result: The result of `SQLArrayText.lookUp(by:comparing:presences:reading:lock:scope:in:)`.
    ///   - rows: The indexes of the rows in the order of the arrays.
    ///   - reading: The names of the fields that were read.
    ///   - fields: The fields of the rows.
    init(_ result: PostgreSQLResult, _ rows: [Int], reading: [String], _ fields: FieldSet) {
        self.result = result
        self.reading = reading
        keyType = fields.key.type
        hasVersion = fields.version != nil
        indexes.reserveCapacity(result.rowCount)
        for index in 0..<result.rowCount {
            guard let position = result.integer(index, 0) else { continue }
            let row = rows[Int(position) - 1]
            // Of several rows with the same values the first one is written.
            if indexes[row] == nil { indexes[row] = index }
        }
    }

    /// Returns the index of the row that was found for a row of the write, or nil.
    func index(of row: Int) -> Int? { indexes[row] }

    func key(_ index: Int) -> RowValue { result.value(index, 1, keyType) }

    func isInScope(_ index: Int) -> Bool {
        keysInScope.map { $0.contains(key(index)) } ?? (result.boolean(index, 2) == true)
    }

    /// The keys of all rows that were found.
    var keys: [RowValue] { (0..<result.rowCount).map { key($0) } }

    /// Sets the keys of the rows in the scope.
    mutating func setScope(_ keys: Set<RowValue>) { keysInScope = keys }

    func version(_ index: Int) -> Int64? { hasVersion ? result.integer(index, 3) : nil }

    /// Whether the compared fields have the values of the write.
    func isEqual(_ index: Int) -> Bool { result.boolean(index, hasVersion ? 4 : 3) == true }

    /// Returns the column of a field that was read.
    func column(of name: String) -> Int? {
        reading.firstIndex(of: name).map { $0 + (hasVersion ? 5 : 4) }
    }
}
#endif
