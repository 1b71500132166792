import HTTPTypes
public import KeyConstructor
public import NIOCore

/// An encoder and decoder of entries, for stores outside the process.
///
/// ```swift
/// let bytes = try coder.encode(entry, for: key)           // bytes to write
/// let entry = try coder.decode(bytes, for: key)           // bytes that were read; an error is a miss
/// ```
///
/// Decoding never traps, whatever the bytes are: they may be truncated, damaged, moved to another key, written by another version
/// or program, or forged by an attacker. All of these cases throw an ``EntryDecodingError``, which is a miss to the cache. The
/// checksum detects damage; only an ``EntrySeal`` proves that no other party wrote the entry.
///
/// ## The format
///
/// Version 1. Numbers are little-endian. *Compact* numbers have seven bits per byte, the low ones first; the high bit is set if
/// more bytes follow (LEB128, the shortest form, at most 32 bits). A *text* is its length as a compact number, followed by UTF-8.
///
/// | bytes | header |
/// |---|---|
/// | 4 | F5 53 52 43 |
/// | 2 | version |
/// | 2 | kind of the seal, 0 for none |
/// | 8 | length of the content |
/// | 16 | key, in the order of its digits |
/// | | content, sealed if there is a seal |
/// | 8 | XXH64 (seed 0) of all preceding bytes; omitted if there is a seal |
///
/// | content | |
/// |---|---|
/// | 2 | status |
/// | 2 | flags: 1 fresh until, 2 expires at, 4 path, 8 thrown error |
/// | 8 | stored at: signed nanoseconds since 1970, like all timestamps |
/// | 8 | fresh until, if flagged |
/// | 8 | expires at, if flagged |
/// | 8 | computation time in signed nanoseconds |
/// | text | reason phrase |
/// | text | path, if flagged |
/// | compact | number of tags, at most 65,535; each is a text |
/// | compact | number of fields; each is 4 × length of the name + indexing strategy (0 automatic, 1 prefer, 2 avoid, 3 disallow) as a compact number, the name, the length of the value as a compact number, the value |
/// | compact | number of variants of the body, at most 16; each is its name as a text and its length as a compact number |
/// | compact | length of the body |
/// | | the body, then its variants |
///
/// The encoding of an entry is unique: encoding a decoded entry yields the same bytes.
public struct EntryCoder: Sendable {
    private let seal: (any EntrySeal)?

    /// Creates a coder.
    ///
    /// - Parameter seal: The seal that protects the entries. A coder with a seal rejects entries without one, and a coder without a
    ///   seal rejects entries with one: a service that starts to seal its entries starts with an empty cache.
    public init(seal: (any EntrySeal)? = nil) {
        precondition(seal?.identifier != 0, "0 is not a valid identifier of a seal: it stands for entries without one")
        self.seal = seal
    }

    /// Returns the bytes of an entry. They can only be decoded under the same key, see ``decode(_:for:)``.
    ///
    /// The bytes include the variants of the body that exist at the time of the call. The computation time is truncated to whole
    /// nanoseconds. Without a seal the call makes one allocation and copies the body once.
    ///
    /// - Throws: ``EntryEncodingError``, or the error of the seal.
    /// - Complexity: O(size).
    public func encode(_ entry: CacheEntry, for key: CacheKey) throws -> ByteBuffer {
        guard 100...999 ~= entry.status.code else { throw EntryEncodingError.invalidStatus }
        let content = EntryContent(entry)
        let length = content.byteCount
        guard length <= EntryLimits.contentLength, entry.tags.count <= EntryLimits.tagCount,
            entry.headerFields.count <= EntryLimits.fieldCount
        else { throw EntryEncodingError.tooLarge }
        let header = EntryHeader(seal: seal?.identifier ?? 0, contentLength: length, key: key)
        guard let seal else {
            var buffer = ByteBufferAllocator().buffer(capacity: EntryHeader.byteCount + length + Self.checksumByteCount)
            header.write(to: &buffer)
            content.write(to: &buffer)
            assert(buffer.readableBytes == EntryHeader.byteCount + length)
            buffer.writeInteger(buffer.withUnsafeReadableBytes { XXH64.checksum(of: $0) }, endianness: .little)
            return buffer
        }
        var plain = ByteBufferAllocator().buffer(capacity: length)
        content.write(to: &plain)
        var head = ByteBufferAllocator().buffer(capacity: EntryHeader.byteCount)
        header.write(to: &head)
        let sealed = try seal.seal(plain, authenticating: head)
        var buffer = ByteBufferAllocator().buffer(capacity: EntryHeader.byteCount + sealed.readableBytes)
        header.write(to: &buffer)
        buffer.writeImmutableBuffer(sealed)
        return buffer
    }

    /// Returns the entry that the bytes encode.
    ///
    /// The body is a slice of `buffer` if that keeps alive at most twice the body's size plus 1 KiB, and a copy otherwise.
    ///
    /// - Parameters:
    ///   - buffer: The bytes in the store under the key.
    ///   - key: The key.
    /// - Returns: The entry.
    /// - Throws: The reason why the bytes are not an entry of this key.
    /// - Complexity: O(size).
    public func decode(_ buffer: ByteBuffer, for key: CacheKey) throws(EntryDecodingError) -> CacheEntry {
        var content = buffer
        let header = try EntryHeader(readingFrom: &content)
        guard header.key == key else { throw .wrongKey }
        if let seal {
            content = try opened(content, header: header, of: buffer, by: seal)
        } else {
            guard header.seal == 0 else { throw .unexpectedSeal }
            guard content.readableBytes >= Self.checksumByteCount,
                let checked = buffer.getSlice(
                    at: buffer.readerIndex, length: buffer.readableBytes - Self.checksumByteCount),
                let checksum = buffer.getInteger(
                    at: buffer.writerIndex - Self.checksumByteCount,
                    endianness: .little,
                    as: UInt64.self
                ),
                checked.withUnsafeReadableBytes({ XXH64.checksum(of: $0) }) == checksum
            else { throw .damaged }
            content.moveWriterIndex(to: content.writerIndex - Self.checksumByteCount)
        }
        guard content.readableBytes == header.contentLength else { throw .damaged }
        var reader = EntryReader(content)
        return try reader.readEntry()
    }

    private func opened(
        _ sealed: ByteBuffer,
        header: EntryHeader,
        of buffer: ByteBuffer,
        by seal: any EntrySeal
    ) throws(EntryDecodingError) -> ByteBuffer {
        guard header.seal != 0 else { throw .missingSeal }
        guard header.seal == seal.identifier,
            let head = buffer.getSlice(at: buffer.readerIndex, length: EntryHeader.byteCount)
        else { throw .wrongSeal }
        do {
            return try seal.open(sealed, authenticating: head)
        } catch {
            throw .wrongSeal
        }
    }

    private static let checksumByteCount = 8
}
