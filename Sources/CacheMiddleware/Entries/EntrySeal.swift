public import NIOCore

/// Protects encoded entries from those who can write to the store, and possibly from those who can read it.
///
/// An entry in a store outside the process is an answer that will be sent to clients, so whoever can write there can say
/// anything in the name of the service. A seal is what only the service can make. `EntrySealing` has two.
///
/// ```swift
/// let coder = EntryCoder(seal: try HMACSeal(writing: key))
/// ```
public protocol EntrySeal: Sendable {
    /// The kind of the seal, which stands in the header of an entry. 0 is none; those up to 255 are the library's.
    var identifier: UInt16 { get }

    /// Seals the content of an entry.
    ///
    /// - Parameters:
    ///   - content: The content.
    ///   - header: What is not changed and can be read by everybody, and what the seal is valid for alone: it has the version,
    ///     the kind of the seal, the length of the content and the key of the entry.
    /// - Returns: What is stored after the header.
    /// - Throws: What kept it from sealing. The entry is then not stored.
    func seal(_ content: ByteBuffer, authenticating header: ByteBuffer) throws -> ByteBuffer

    /// Opens what ``seal(_:authenticating:)`` returned.
    ///
    /// - Parameters:
    ///   - sealed: What was stored after the header. Anything can be in it.
    ///   - header: The header that was stored before it.
    /// - Returns: The content.
    /// - Throws: Any error, if the seal was not made with an accepted key for exactly this content and header.
    func open(_ sealed: ByteBuffer, authenticating header: ByteBuffer) throws -> ByteBuffer
}
