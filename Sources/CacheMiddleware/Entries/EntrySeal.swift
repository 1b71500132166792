public import NIOCore

/// A protection of encoded entries from parties that can write to the store, and optionally from parties that can read it.
///
/// An entry in a store outside the process is a response that will be sent to clients, so any party that can write to the store
/// could respond in the name of the service. Only the service can create a seal. The module `EntrySealing` provides two.
///
/// ```swift
/// let coder = EntryCoder(seal: try HMACSeal(writing: key))
/// ```
public protocol EntrySeal: Sendable {
    /// The kind of the seal, which is part of the header of an entry. 0 means no seal; values up to 255 are reserved for this
    /// library.
    var identifier: UInt16 { get }

    /// Seals the content of an entry.
    ///
    /// - Parameters:
    ///   - content: The content.
    ///   - header: The header, which stays readable and which the seal must authenticate. It contains the format version, the kind
    ///     of the seal, the length of the content and the key of the entry.
    /// - Returns: The bytes to store after the header.
    /// - Throws: Any error; the entry is then not stored.
    func seal(_ content: ByteBuffer, authenticating header: ByteBuffer) throws -> ByteBuffer

    /// Opens the bytes that ``seal(_:authenticating:)`` returned.
    ///
    /// - Parameters:
    ///   - sealed: The bytes that were stored after the header. They are untrusted.
    ///   - header: The header that was stored before it.
    /// - Returns: The content.
    /// - Throws: Any error, if the seal was not created with an accepted key for exactly this content and header.
    func open(_ sealed: ByteBuffer, authenticating header: ByteBuffer) throws -> ByteBuffer
}
