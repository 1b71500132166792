import NIOCore
import Repositories

private let fields = FieldSet(
    "places", Field.integer("id").key(), Field.text("name", 1...20), Field.text("kind").oneOf(["a", "b"]).optional(),
    Field.integer("population", 0...1_000_000).default(0), Field.number("area").optional(),
    Field.boolean("is_active").default(true))
private let reader = RowJSONReader(fields)
private let writer = JSONRowWriter(fields, names: ["name", "kind", "population", "area", "is_active"])

/// Rows that are read, written and read again are the same rows.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let body = ByteBuffer(bytes: UnsafeBufferPointer(start: bytes, count: count))
    _ = try? reader.readObject(body)
    guard let reading = try? reader.readArray(body) else { return 0 }
    precondition(reading.indexes.count == reading.rows.rowCount)
    var written = ByteBuffer()
    writer.write(reading.rows, to: &written)
    let again = try? reader.readArray(written)
    precondition(again?.rows == reading.rows && again?.problems.isEmpty == true)
    return 0
}
