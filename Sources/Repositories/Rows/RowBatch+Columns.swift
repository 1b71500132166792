extension RowBatch {
    /// Returns the rows with a field that has the same value in every row, in place of the field's values if there are any.
    ///
    /// - Parameters:
    ///   - field: The name of the field, for example the key from a path.
    ///   - value: The value.
    /// - Returns: The rows with the value.
    /// - Complexity: O(number of cells).
    public func setting(_ field: String, to value: RowValue) -> RowBatch {
        var batch = self
        let cell = batch.cell(for: value)
        var sources = columns.indices.map { WritePlan.Source.given($0) }
        guard let column = column(of: field) else {
            return batch.rearranged(columns + [field], sources + [.constant(cell)])
        }
        sources[column] = .constant(cell)
        return batch.rearranged(columns, sources)
    }

    /// Returns the rows without the values of a field.
    ///
    /// - Complexity: O(number of cells).
    public func removing(_ field: String) -> RowBatch {
        let kept = columns.indices.filter { columns[$0] != field }
        return rearranged(kept.map { columns[$0] }, kept.map { .given($0) })
    }

    /// Returns some rows in a given order.
    ///
    /// - Parameter rows: The indexes of the rows.
    /// - Returns: The rows at the indexes.
    /// - Complexity: O(number of cells of those rows).
    public func selecting(rows: some Sequence<Int>) -> RowBatch {
        var batch = RowBatch(columns: columns, sharingTextOf: self, rowCapacity: 0)
        for row in rows {
            for column in columns.indices { batch.append(cell: self[row, column]) }
        }
        return batch
    }
}
