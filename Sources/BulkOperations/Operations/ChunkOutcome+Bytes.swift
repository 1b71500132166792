import Foundation
public import NIOCore
import Repositories

extension ChunkOutcome {
    /// The error of bytes that ``encoded()`` has not made.
    public struct InvalidBytes: Error, Sendable {}

    /// Returns the outcome as bytes for a database. There is one success for each row, so they are compact: a byte, and the key.
    ///
    /// - Throws: The errors of the encoder of failures.
    /// - Complexity: O(number of items).
    public func encoded() throws -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(16 + successes.count * 12)
        bytes.writeInteger(UInt32(successes.count))
        for success in successes {
            bytes.writeInteger(UInt64(success.index))
            bytes.writeInteger(success.kind.rawValue)
            switch success.key {
            case .integer(let value): bytes.writeMultipleIntegers(UInt8(0), value)
            case .text(let text):
                bytes.writeMultipleIntegers(UInt8(1), UInt32(text.utf8.count))
                bytes.writeString(text)
            case .null, .number, .boolean: bytes.writeInteger(UInt8(2))
            }
        }
        for part in [try JSONEncoder().encode(failures), Data((rows ?? "").utf8)] {
            bytes.writeInteger(UInt32(part.count))
            bytes.writeBytes(part)
        }
        return bytes
    }

    /// Creates the outcome that was encoded.
    ///
    /// - Throws: ``InvalidBytes``, and `DecodingError`.
    public init(decoding bytes: ByteBuffer) throws {
        var bytes = bytes
        guard let count = bytes.readInteger(as: UInt32.self) else { throw InvalidBytes() }
        // Each has ten bytes at least.
        successes.reserveCapacity(min(Int(count), bytes.readableBytes / 10))
        for _ in 0..<count {
            guard let index = bytes.readInteger(as: UInt64.self), let kind = bytes.readInteger(as: UInt8.self),
                let kind = Success.Kind(rawValue: kind), let key = Self.readKey(&bytes)
            else { throw InvalidBytes() }
            successes.append(Success(index: Int(index), kind, key: key))
        }
        guard let failureCount = bytes.readInteger(as: UInt32.self),
            let data = bytes.readBytes(length: Int(failureCount)),
            let rowCount = bytes.readInteger(as: UInt32.self), let text = bytes.readString(length: Int(rowCount))
        else { throw InvalidBytes() }
        failures = try JSONDecoder().decode([ItemFailure].self, from: Data(data))
        rows = text.isEmpty ? nil : text
    }

    private static func readKey(_ bytes: inout ByteBuffer) -> RowValue? {
        switch bytes.readInteger(as: UInt8.self) {
        case 0: bytes.readInteger(as: Int64.self).map { .integer($0) }
        case 1: bytes.readInteger(as: UInt32.self).flatMap { bytes.readString(length: Int($0)) }.map { .text($0) }
        case 2: .null
        default: nil
        }
    }
}
