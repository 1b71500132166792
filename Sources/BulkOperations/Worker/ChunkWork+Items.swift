import ConcurrencySupport
import Repositories

extension ChunkWork {
    /// Creates the work for a part of a chunk.
    ///
    /// - Parameters:
    ///   - part: The part.
    ///   - request: What was requested.
    ///   - fields: The fields of the rows.
    ///   - batchCount: The number of rows of each write.
    /// - Throws: `JSONSyntaxError` and `CSVError` for bytes that the upload has not accepted.
    init(_ part: ChunkPart, of request: OperationRequest, in fields: FieldSet, batchCount: Int) throws {
        let items = try ChunkItems(part, of: request, in: fields)
        var writes: [RowWrite] = []
        for start in stride(from: 0, to: items.rows.rowCount, by: batchCount) {
            let range = start..<min(start + batchCount, items.rows.rowCount)
            let batch = range.count == items.rows.rowCount ? items.rows : items.rows.selecting(rows: range)
            let rows = batch.withoutUnusedColumns(for: request.kind, in: fields)
            var write = RowWrite(
                request.kind.writeKind(rows.columns), rows, scope: request.scope, isAtomic: false,
                versions: items.versions.map { Array($0[range]) })
            write.keepsScope = true
            writes.append(write)
            yieldThread()
        }
        self.init(writes) { results in
            var outcome = ChunkOutcome()
            outcome.failures = items.failures
            for (number, result) in results.lazy.flatMap(\.outcomes).enumerated() {
                if number.isMultiple(of: 1000) { yieldThread() }
                let (index, line) = items.position(of: number)
                switch result {
                case .created(let key): outcome.successes.append(.init(index: index, .created, key: key))
                case .updated(let key): outcome.successes.append(.init(index: index, .updated, key: key))
                case .unchanged(let key): outcome.successes.append(.init(index: index, .unchanged, key: key))
                case .deleted(let key): outcome.successes.append(.init(index: index, .deleted, key: key))
                case .failed(let error):
                    outcome.failures.append(
                        ItemFailure(index: index, line: line, code: error.code.rawValue, errors: FieldErrors(error)))
                case .skipped: break
                }
            }
            outcome.failures.sort { $0.index < $1.index }
            return outcome
        }
    }

    /// Creates the work for a part whose only item makes every attempt fail: its failure is recorded.
    init(hopeless part: ChunkPart, of request: OperationRequest) {
        self.init([]) { _ in
            var outcome = ChunkOutcome()
            let index = part.firstIndex
            var line: Int?
            if case .csv(let source) = request.format {
                line = source.records(of: part.chunk).first { $0.index == index }?.line
            }
            outcome.failures = [
                ItemFailure(
                    index: index, line: line, code: "poison",
                    errors: FieldErrors(field: FieldErrors.nonFieldName, "The database failed to process the item."))
            ]
            return outcome
        }
    }
}

extension OperationRequest.Kind {
    /// Returns the kind of a write of rows with some columns.
    fileprivate func writeKind(_ columns: [String]) -> RowWrite.Kind {
        switch self {
        case .create: .create
        case .update: .update
        case .replace: .replace
        case .delete, .get: .delete
        case .upsert(let unique, let updating): .upsert(uniqueBy: unique, updating: updating?.filter(columns.contains))
        }
    }
}

extension RowBatch {
    /// Returns the rows with what the kind of write needs: of rows to delete the key only, and for others the key, the unique fields of an
    /// upsert, and the columns in which a row has a value.
    fileprivate func withoutUnusedColumns(for kind: OperationRequest.Kind, in fields: FieldSet) -> RowBatch {
        var batch = self
        var needed: Set<String> = [fields.key.name]
        if case .upsert(let unique, _) = kind { needed.formUnion(unique) }
        for (index, name) in columns.enumerated() where !needed.contains(name) {
            let isUsed = !kind.itemsAreKeys && (0..<rowCount).contains { self[$0, index] != .absent }
            if !isUsed { batch = batch.removing(name) }
        }
        return batch
    }
}
