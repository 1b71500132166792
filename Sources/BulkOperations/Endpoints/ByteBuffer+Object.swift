import HTTPPipeline
import NIOCore
import Repositories

extension ByteBuffer {
    /// Writes a JSON object.
    mutating func writeObject(_ body: (inout JSONMembers) -> Void) {
        writeStaticString("{")
        var members = JSONMembers(taking: &self, isFirst: true)
        body(&members)
        self = members.buffer
        writeStaticString("}")
    }

    /// Writes a JSON array.
    mutating func writeArray<Elements: Sequence>(
        _ elements: Elements, _ write: (Elements.Element, inout ByteBuffer) -> Void
    ) {
        writeStaticString("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { writeStaticString(",") }
            write(element, &self)
        }
        writeStaticString("]")
    }

    /// Writes an array of texts.
    mutating func writeJSON(_ texts: [String]) { writeArray(texts) { $1.writeJSON($0) } }
}
