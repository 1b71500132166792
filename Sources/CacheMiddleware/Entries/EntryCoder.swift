import HTTPTypes
public import KeyConstructor
public import NIOCore

/// Turns entries into bytes and back, for stores outside the process.
///
/// ```swift
/// let bytes = try coder.encode(entry, for: key)           // what to write
/// let entry = try coder.decode(bytes, for: key)           // what was read; what it throws is a miss
/// ```
///
/// Decoding never traps, whatever the bytes are: they may have been cut off, damaged, moved to another key, written by another
/// version or program, or made by somebody who wants to break the service. All of this is an ``EntryDecodingError``, and a miss
/// to the cache. The checksum finds damage; that nobody else wrote the entry, only an ``EntrySeal`` can tell.
///
/// ## The format
///
/// Version 1. Numbers are little-endian; *compact* ones have seven bits a byte, the low ones first, where the high bit says that
/// more follow (LEB128, the shortest form, at most 32 bits). A *text* is its length as a compact number, and UTF-8.
///
/// | bytes | header |
/// |---|---|
/// | 4 | F5 53 52 43 |
/// | 2 | version |
/// | 2 | kind of the seal, 0 for none |
/// | 8 | length of the content |
/// | 16 | key, as its digits stand |
/// | | content, or what the seal made of it |
/// | 8 | XXH64 (seed 0) of everything before; not where there is a seal |
///
/// | content | |
/// |---|---|
/// | 2 | status |
/// | 2 | flags: 1 fresh until, 2 expires at, 4 path, 8 thrown error |
/// | 8 | stored at: nanoseconds since 1970, with sign, as all moments |
/// | 8 | fresh until, if flagged |
/// | 8 | expires at, if flagged |
/// | 8 | computation time in nanoseconds, with sign |
/// | text | reason phrase |
/// | text | path, if flagged |
/// | compact | number of tags, at most 65,535; each is a text |
/// | compact | number of fields; each is 4 × length of the name + indexing strategy (0 automatic, 1 prefer, 2 avoid, 3 disallow) as a compact number, the name, the length of the value as a compact number, the value |
/// | compact | number of other encodings of the body, at most 16; each is its name as a text and its length as a compact number |
/// | compact | length of the body |
/// | | the body, then its other encodings |
///
/// An entry has one spelling only, so that what is decoded is encoded to the same bytes.
public struct EntryCoder: Sendable {
    private let seal: (any EntrySeal)?

    /// Creates a coder.
    ///
    /// - Parameter seal: What protects the entries. With one, entries without are not decoded, and without one, entries with
    ///   are not: a service that begins to seal begins with an empty cache.
    public init(seal: (any EntrySeal)? = nil) {
        precondition(seal?.identifier != 0, "0 says that there is no seal")
        self.seal = seal
    }

    /// The bytes of an entry, which are ``decode(_:for:)``d under the same key only.
    ///
    /// The encodings of the body that exist by now are part of it; the computation time loses what is less than a nanosecond.
    /// O(size): it allocates once and copies the body once, unless there is a seal.
    ///
    /// - Throws: ``EntryEncodingError``, or what the seal throws.
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

    /// The entry of the bytes.
    ///
    /// The body is a part of `buffer` where that keeps at most twice the memory and 1 KiB, and a copy otherwise. O(size).
    ///
    /// - Parameters:
    ///   - buffer: What the store has under the key.
    ///   - key: The key.
    /// - Returns: The entry.
    /// - Throws: Why the bytes are no entry of this key.
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
