import BulkOperations
import NIOCore
import Repositories

private let reader = RowJSONReader(FieldSet("places", Field.integer("id").key(), Field.text("name", 0...20)))

/// Splits a document at once and in three parts, which must give the same pieces. A document that the reader of rows accepts must be
/// split into the same items.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    for form in [JSONItemSplitter.Form.array, .lines] {
        let whole = outcome(form, [bytes[...]])
        let (first, second) = (count / 3, count / 3 * 2)
        let parts = outcome(form, [bytes[..<first], bytes[first..<second], bytes[second...]])
        // An item above the limit is found at its end or at the end of a part, which may be before or after another problem.
        if whole.error?.isTooLarge == true || parts.error?.isTooLarge == true {
            precondition(whole.error != nil && parts.error != nil, "the parts matter")
        } else {
            precondition(whole.error == parts.error, "the parts matter")
        }
        precondition(whole.error != nil || whole.pieces == parts.pieces, "the parts matter")
        for piece in whole.pieces {
            precondition(piece.itemCount <= 3 && (piece.itemCount == 1 || piece.bytes.readableBytes <= 100))
        }
        guard form == .array, let reading = try? reader.readArray(ByteBuffer(bytes: bytes)) else { continue }
        let body = ByteBuffer(bytes: bytes)
        let items = reading.ranges.map { body.getSlice(at: $0.lowerBound, length: $0.count)! }
        guard items.allSatisfy({ $0.readableBytes <= 1000 }) else { continue }
        precondition(whole.error == nil)
        let joined = whole.pieces.map {
            String(decoding: $0.bytes.readableBytesView.dropFirst().dropLast(), as: UTF8.self)
        }
        precondition(joined.joined(separator: ",") == items.map { String(buffer: $0) }.joined(separator: ","))
    }
    return 0
}

private func outcome(
    _ form: JSONItemSplitter.Form, _ parts: [ArraySlice<UInt8>]
) -> (pieces: [JSONPiece], error: JSONSyntaxError?) {
    var splitter = JSONItemSplitter(form, pieceItemCount: 3, pieceByteCount: 100, maximumItemByteCount: 1000)
    var pieces: [JSONPiece] = []
    do throws(JSONSyntaxError) {
        for part in parts { pieces += try splitter.read(ByteBuffer(bytes: part)) }
        pieces += try splitter.finish()
        return (pieces, nil)
    } catch {
        return (pieces, error)
    }
}
