import NIOCore
import Repositories

private let fields = FieldSet(
    "people", Field.integer("id").key(writtenByClients: true), Field.text("name", 0...20),
    Field.number("size").optional(), Field.boolean("active").default(true))

/// Reads CSV at once and in two pieces, which must give the same rows and problems.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let middle = count / 2
    let whole = summary([bytes[...]])
    let parts = summary([bytes[..<middle], bytes[middle...]])
    precondition(whole == parts, "the pieces matter")
    return 0
}

/// The rows, the problems and the error.
private func summary(_ pieces: [ArraySlice<UInt8>]) -> [String] {
    var reader = CSVRowReader(fields)
    var (rows, problems, failure) = ("", "", "")
    func add(_ reading: CSVRowReader.Reading) {
        for row in 0..<reading.rows.rowCount { rows += "\(reading.lines[row]) \(reading.rows.values(row: row))\n" }
        for failure in reading.failures { problems += "\(failure.problems)\n" }
    }
    do {
        for piece in pieces {
            for reading in try reader.read(ByteBuffer(bytes: piece)) { add(reading) }
        }
        if let reading = try reader.finish() { add(reading) }
    } catch {
        failure = "\(error)"
    }
    return [rows, problems, failure]
}
