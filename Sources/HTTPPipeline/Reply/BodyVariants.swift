public import NIOCore
import Synchronization

/// Variants of a stored body, such as its gzip form, which live as long as the body.
///
/// A cache attaches variants to each stored body, see ``ReplyBody/variants``. Middleware that encodes bodies looks for its variant
/// first, and adds it after creating it, so that each stored body is encoded once:
///
/// ```swift
/// let variants = reply.body.variants
/// let encoded = variants?["br-5"] ?? compressed(buffer)
/// variants?.insert(encoded, named: "br-5")
/// ```
///
/// A name contains everything that determines the bytes, such as the level of compression. Other names in use are `md5`, and those
/// beginning with `gzip`.
public final class BodyVariants: Sendable {
    private struct State {
        /// nil while a reservation is being made.
        var variants: [(name: String, body: ByteBuffer?)] = []
        /// The names of variants that the store has no room for.
        var refused: [String] = []
        var reserve: (@Sendable (BodyVariants, Int) -> Bool)?
        var observe: (@Sendable (String, ByteBuffer) -> Void)?
    }

    /// The original body. A response to HEAD has no other reference to it.
    public let original: ByteBuffer

    /// The life of the entry of this body; nil unless the entry is in a store of this process.
    package let life: EntryLife?

    private let state = Mutex(State())

    package init(of original: ByteBuffer, life: EntryLife? = nil) {
        self.original = original
        self.life = life
    }

    /// The variant with a name, or nil. An empty variant means that the encoded form is not smaller than the original.
    public subscript(name: String) -> ByteBuffer? {
        state.withLock { state in state.variants.first { $0.name.hasBytes(of: name) }?.body }
    }

    /// Adds a variant, unless there is one with this name or the store has no room for it.
    ///
    /// - Parameters:
    ///   - body: The variant; empty if the encoded form is not smaller than the original.
    ///   - name: Its name.
    public func insert(_ body: ByteBuffer, named name: String) {
        insert(body, named: name, isNew: true)
    }

    /// Adds a variant, unless there is one with this name or the store has no room for it.
    ///
    /// - Parameters:
    ///   - body: The variant.
    ///   - name: Its name.
    ///   - isNew: Whether it was just created, so that the observer is called.
    package func insert(_ body: ByteBuffer, named name: String, isNew: Bool) {
        let claimed = state.withLock { state -> (@Sendable (BodyVariants, Int) -> Bool)?? in
            guard !state.variants.contains(where: { $0.name.hasBytes(of: name) }),
                !state.refused.contains(where: { $0.hasBytes(of: name) })
            else {
                return nil
            }
            state.variants.append((name, nil))
            return .some(state.reserve)
        }
        guard let reserve = claimed else { return }
        // A larger buffer than necessary would keep all of its memory.
        let body = body.storageCapacity > body.readableBytes + 1024 ? ByteBuffer(bytes: body.readableBytesView) : body
        // Not under the lock, because the store takes its own.
        let hasRoom = reserve?(self, body.storageCapacity) ?? true
        let observe = state.withLock { state in
            state.variants.removeAll { $0.name.hasBytes(of: name) }
            if hasRoom { state.variants.append((name, body)) } else { state.refused.append(name) }
            return hasRoom && isNew ? state.observe : nil
        }
        observe?(name, body)
    }

    /// Returns the MD5 digest of the original body. It is computed once and kept as a variant.
    ///
    /// If there is no room for it, it is computed each time. Concurrent callers may compute it more than once.
    ///
    /// - Parameter compute: Returns the 16 bytes of the digest of a body.
    /// - Returns: The 16 bytes.
    package func digest(_ compute: (ByteBuffer) -> ByteBuffer) -> ByteBuffer {
        // A variant of an entry from another process may have any size.
        if let kept = self[Self.digestName], kept.readableBytes == Self.digestByteCount { return kept }
        let digest = compute(original)
        assert(digest.readableBytes == Self.digestByteCount, "an MD5 digest has 16 bytes")
        insert(digest, named: Self.digestName)
        return digest
    }

    private static let digestName = "md5"
    private static let digestByteCount = 16

    /// The variants and their names, in the order in which they were added.
    package var kept: [(name: String, body: ByteBuffer)] {
        state.withLock { state in state.variants.compactMap { name, body in body.map { (name, $0) } } }
    }

    /// Adds variants that were stored together with the body. The store has already reserved room for them.
    package func restore(_ variants: [(name: String, body: ByteBuffer)]) {
        guard !variants.isEmpty else { return }
        state.withLock { state in
            for (name, body) in variants where !state.variants.contains(where: { $0.name.hasBytes(of: name) }) {
                state.variants.append((name, body))
            }
        }
    }

    /// Sets the observer of new variants.
    package func observing(_ observe: @escaping @Sendable (String, ByteBuffer) -> Void) {
        state.withLock { $0.observe = observe }
    }

    /// Creates empty variants for a copy of the body. New variants are reported to the same observer.
    ///
    /// - Parameters:
    ///   - body: A copy of the body.
    ///   - life: The life of the copy's entry.
    /// - Returns: The variants.
    package func separated(for body: ByteBuffer, life: EntryLife? = nil) -> BodyVariants {
        let copy = BodyVariants(of: body, life: life)
        let observe = state.withLock { $0.observe }
        copy.state.withLock { $0.observe = observe }
        return copy
    }

    /// Sets the function that reserves room in a store before a variant is added.
    ///
    /// - Parameter reserve: Reserves a number of bytes for these variants. Returns whether there was room.
    package func reserving(_ reserve: @escaping @Sendable (BodyVariants, Int) -> Bool) {
        state.withLock { $0.reserve = reserve }
    }
}
