import BulkOperations
import NIOCore

/// Reads a body with the boundary `b` at once and in three parts, which must give the same parts of the form.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let whole = summary([bytes[...]])
    let (first, second) = (count / 3, count / 3 * 2)
    let parts = summary([bytes[..<first], bytes[first..<second], bytes[second...]])
    precondition(whole.error == parts.error, "the parts matter")
    precondition(whole.error != nil || whole.events == parts.events, "the parts matter")
    return 0
}

/// The events, with joined bytes, and the error.
private func summary(_ parts: [ArraySlice<UInt8>]) -> (events: [MultipartReader.Event], error: MultipartError?) {
    var events: [MultipartReader.Event] = []
    do throws(MultipartError) {
        var reader = try MultipartReader(boundary: "b")
        var content = ByteBuffer()
        var hasPart = false
        for part in parts {
            for event in try reader.read(ByteBuffer(bytes: part)) {
                switch event {
                case .part:
                    precondition(!hasPart)
                    hasPart = true
                    events.append(event)
                case .bytes(let bytes):
                    precondition(hasPart && bytes.readableBytes > 0)
                    content.writeImmutableBuffer(bytes)
                case .end:
                    precondition(hasPart)
                    hasPart = false
                    events.append(.bytes(content))
                    content = ByteBuffer()
                }
            }
        }
        try reader.finish()
        return (events, nil)
    } catch {
        return (events, error)
    }
}
