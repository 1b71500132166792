import Repositories
import Testing

@Suite struct RowBatchTests {
    @Test func `A cell has sixteen bytes`() {
        #expect(MemoryLayout<Cell>.stride == 16)
    }

    @Test func `Rows keep their texts when columns change`() {
        let rows = RowBatch(columns: ["a", "b"], rows: [["x", 1], ["", .null], ["é"]])
        #expect(rows.rowCount == 3)
        #expect(rows.value(row: 2, field: "b") == nil)
        #expect(rows.values(row: 1) == ["", .null])
        #expect(
            rows.setting("c", to: "z")
                == RowBatch(
                    columns: ["a", "b", "c"], rows: [["x", 1, "z"], ["", .null, "z"], ["é"]]
                ).setting("c", to: "z"))
        #expect(rows.removing("b") == RowBatch(columns: ["a"], rows: [["x"], [""], ["é"]]))
        #expect(rows.selecting(rows: [2, 0]).values(row: 1) == ["x", 1])
        var changed = rows
        changed.set("longer", row: 0, column: 0)
        #expect(changed.value(row: 0, field: "a") == "longer")
        #expect(rows.value(row: 0, field: "a") == "x")
        #expect(RowBatch(columns: []).rowCount == 0)
    }

    @Test func `A skipped row counts neither as written nor as failed`() {
        let result = WriteResult([.created(1), .failed(.notFound), .unchanged(2)], isAtomic: true)
        #expect(result.outcomes == [.skipped, .failed(.notFound), .skipped])
        #expect(result.failedCount == 1 && result.createdCount == 0 && !result.hasChanges)
        #expect(result.failures.map(\.row) == [1])
    }
}
