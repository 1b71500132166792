import NIOCore
import Repositories

/// The items of a part with a certain outcome, as they were sent.
struct PartItems {
    /// The indexes of the items in the operation.
    let selected: [Int]

    private let part: ChunkPart
    private let source: Source
    private let failures: [Int: ItemFailure]
    private let successes: [Int: ChunkOutcome.Success]

    private enum Source {
        case json([Range<Int>])
        case csv([Int: CSVRecord], header: [String])
    }

    /// Reads the items of a part.
    ///
    /// - Throws: The errors of readers for bytes that the upload has not accepted.
    init(_ record: PartRecord, _ outcome: OperationResults.Outcome, _ request: OperationRequest) throws {
        part = record.part
        let failed = record.outcome?.failures ?? []
        let failures = Dictionary(failed.map { ($0.index, $0) }) { first, _ in first }
        let successes = Dictionary((record.outcome?.successes ?? []).map { ($0.index, $0) }) { first, _ in first }
        (self.failures, self.successes) = (failures, successes)
        let all = record.part.firstIndex..<record.part.firstIndex + record.part.items.count
        // The outcome of a dry run has the failures only.
        let isDryRun = request.isDryRun && record.outcome != nil
        selected =
            switch outcome {
            case .failed: failed.map(\.index)
            case .succeeded where isDryRun: all.filter { failures[$0] == nil }
            case .succeeded: successes.keys.sorted()
            case .unprocessed where isDryRun: []
            case .unprocessed: all.filter { failures[$0] == nil && successes[$0] == nil }
            }
        switch request.format {
        // Rows that filters selected are no items, and without a selected item nothing is read.
        case .json where selected.isEmpty || part.items.isEmpty: source = .json([])
        case .csv(let csv) where selected.isEmpty: source = .csv([:], header: csv.dialect.header)
        case .json: source = .json(try JSONItems.ranges(of: part.chunk.bytes))
        case .csv(let csv):
            let wanted = Set(selected)
            var records: [Int: CSVRecord] = [:]
            var rows = csv.records(of: part.chunk)
            while records.count < wanted.count, let record = rows.next(where: wanted.contains) {
                records[record.index] = record
            }
            source = .csv(records, header: csv.dialect.header)
        }
    }

    /// Returns an item and its outcome as JSON.
    func json(of index: Int) -> ByteBuffer {
        var json = ByteBuffer()
        json.writeObject { members in
            members.write("index", .integer(Int64(index)))
            if let failure = failures[index] {
                if let line = failure.line { members.write("line", .integer(Int64(line))) }
                members.write("code", .text(failure.code))
                members.write("error") { buffer in
                    buffer.writeObject { members in
                        for (field, messages) in failure.errors.sorted(by: { $0.key < $1.key }) {
                            members.write(field) { $0.writeJSON(messages) }
                        }
                    }
                }
            }
            if let success = successes[index] {
                members.write("outcome", .text("\(success.kind)"))
                members.write("id", success.key)
            }
            members.write("data") { writeItem(index, to: &$0) }
        }
        return json
    }

    private func writeItem(_ index: Int, to buffer: inout ByteBuffer) {
        switch source {
        case .json(let ranges):
            let position = index - part.chunk.firstIndex
            guard ranges.indices.contains(position),
                let item = part.chunk.bytes.getSlice(
                    at: part.chunk.bytes.readerIndex + ranges[position].lowerBound, length: ranges[position].count)
            else { return buffer.writeJSON(RowValue.null) }
            buffer.writeImmutableBuffer(item)
        case .csv(let records, let header):
            guard let record = records[index] else { return buffer.writeJSON(RowValue.null) }
            record.writeJSON(to: &buffer, header: header)
        }
    }

    /// Writes the lines of a file of CSV.
    func writeLines(to buffer: inout ByteBuffer) {
        guard case .csv(let records, _) = source else { return }
        for index in selected {
            guard let record = records[index] else { continue }
            if let failure = failures[index] {
                let message = failure.errors.sorted { $0.key < $1.key }.flatMap(\.value).joined(separator: " ")
                record.write(to: &buffer, field: failure.field, message: message)
            } else {
                record.write(to: &buffer)
            }
        }
    }
}
