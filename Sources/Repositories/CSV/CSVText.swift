import HTTPPipeline
import NIOCore

/// Texts as cells of CSV.
enum CSVText {
    /// The number of bytes that a text with a number of bytes needs at most.
    static func capacity(ofTextWith byteCount: Int) -> Int { 2 * byteCount + 3 }

    /// Writes a text, in quotes where they are necessary.
    static func write(_ text: UnsafeRawBufferPointer, isGuarded: Bool, _ output: inout JSONOutput) {
        var isQuoted = text.isEmpty
        for byte in text {
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\r"), UInt8(ascii: "\n"): isQuoted = true
            default: break
            }
        }
        // Readers may drop blanks at the ends of a cell without quotes.
        if text.first == UInt8(ascii: " ") || text.last == UInt8(ascii: " ") { isQuoted = true }
        if isQuoted { output.write(UInt8(ascii: "\"")) }
        if isGuarded, isFormula(text[...]) { output.write(UInt8(ascii: "'")) }
        if isQuoted {
            for byte in text {
                if byte == UInt8(ascii: "\"") { output.write(byte) }
                output.write(byte)
            }
            output.write(UInt8(ascii: "\""))
        } else {
            output.write(text)
        }
    }

    /// Returns whether a text gets a guard: a spreadsheet would run it as a formula, or it looks like a text with a guard.
    private static func isFormula(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        switch text.first(where: { $0 != UInt8(ascii: "'") }) {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 0x09, 0x0D: true
        default: false
        }
    }

    /// Returns whether a text begins with a guard.
    static func isGuarded(_ text: UnsafeRawBufferPointer) -> Bool {
        text.first == UInt8(ascii: "'") && isFormula(text.dropFirst())
    }

    /// Returns whether a text is a minus and digits, with or without a fraction. A spreadsheet does not run it.
    static func isNegativeNumber(_ text: UnsafeRawBufferPointer) -> Bool {
        text.first == UInt8(ascii: "-") && DecimalNumber.value(of: text) != nil
    }
}

extension ByteBuffer {
    /// Writes a text as a cell.
    mutating func writeCSV(_ text: UnsafeRawBufferPointer, isGuarded: Bool) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: CSVText.capacity(ofTextWith: text.count)) { room in
            var output = JSONOutput(room)
            CSVText.write(text, isGuarded: isGuarded, &output)
            return output.count
        }
    }

    /// Writes a text as a cell, which is empty for an empty text.
    mutating func writeCSV(_ text: String, isGuarded: Bool) {
        if text.isEmpty { return }
        var text = text
        text.withUTF8 { writeCSV(UnsafeRawBufferPointer($0), isGuarded: isGuarded) }
    }
}
