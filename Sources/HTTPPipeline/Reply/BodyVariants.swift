package import NIOCore
import Synchronization

/// Other encodings of one stored body, which live as long as it does.
///
/// A cache gives each entry such a place and hands it out with the body. What encodes answers looks for its encoding there
/// before it makes it, and leaves it there after.
package final class BodyVariants: Sendable {
    private struct State {
        /// nil while somebody asks for room.
        var variants: [(name: String, body: ByteBuffer?)] = []
        /// The names of those that there is no room for.
        var refused: [String] = []
        var reserve: (@Sendable (BodyVariants, Int) -> Bool)?
        var observe: (@Sendable (String, ByteBuffer) -> Void)?
    }

    /// The body that the others are encodings of. What answers HEAD has only this of it.
    package let original: ByteBuffer

    /// The life of the entry whose body this is; nil unless a store in this process keeps the entry.
    package let life: EntryLife?

    private let state = Mutex(State())

    package init(of original: ByteBuffer, life: EntryLife? = nil) {
        self.original = original
        self.life = life
    }

    /// The variant of a name, or nil. An empty one says that the encoding is no better than the original.
    package subscript(name: String) -> ByteBuffer? {
        state.withLock { state in state.variants.first { $0.name.hasBytes(of: name) }?.body }
    }

    /// Keeps a variant, if there is none of this name and whoever keeps the body has room for it, which is asked once.
    ///
    /// - Parameters:
    ///   - body: The variant.
    ///   - name: Its name.
    ///   - isNew: Whether it was just made, so that those who want to know of new ones are told.
    package func insert(_ body: ByteBuffer, named name: String, isNew: Bool = true) {
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
        // A buffer that was made for more holds all of that.
        let body = body.storageCapacity > body.readableBytes + 1024 ? ByteBuffer(bytes: body.readableBytesView) : body
        // Outside the lock: the store takes its own.
        let hasRoom = reserve?(self, body.storageCapacity) ?? true
        let observe = state.withLock { state in
            state.variants.removeAll { $0.name.hasBytes(of: name) }
            if hasRoom { state.variants.append((name, body)) } else { state.refused.append(name) }
            return hasRoom && isNew ? state.observe : nil
        }
        observe?(name, body)
    }

    /// The MD5 digest of the original body, computed once for as long as the body is kept.
    ///
    /// It is kept as a variant. Where there is no room for it, it is computed each time. Tasks that ask at the same time may each
    /// compute it.
    ///
    /// - Parameter compute: Returns the 16 bytes of the digest of the body that it is given.
    /// - Returns: The 16 bytes.
    package func digest(_ compute: (ByteBuffer) -> ByteBuffer) -> ByteBuffer {
        // Variants that came with an entry from another process can have any size.
        if let kept = self[Self.digestName], kept.readableBytes == Self.digestByteCount { return kept }
        let digest = compute(original)
        assert(digest.readableBytes == Self.digestByteCount, "an MD5 digest has 16 bytes")
        insert(digest, named: Self.digestName)
        return digest
    }

    private static let digestName = "md5"
    private static let digestByteCount = 16

    /// The variants that are kept, in the order they came, with their names.
    package var kept: [(name: String, body: ByteBuffer)] {
        state.withLock { state in state.variants.compactMap { name, body in body.map { (name, $0) } } }
    }

    /// Takes variants that were kept with the body elsewhere, without asking for room: whoever brings the body brings them.
    package func restore(_ variants: [(name: String, body: ByteBuffer)]) {
        guard !variants.isEmpty else { return }
        state.withLock { state in
            for (name, body) in variants where !state.variants.contains(where: { $0.name.hasBytes(of: name) }) {
                state.variants.append((name, body))
            }
        }
    }

    /// Has a store told of each variant that is kept from now on, with its name.
    package func observing(_ observe: @escaping @Sendable (String, ByteBuffer) -> Void) {
        state.withLock { $0.observe = observe }
    }

    /// Creates an empty place for variants of the same body in other memory. New variants are reported to the same observer.
    ///
    /// - Parameters:
    ///   - body: The same body.
    ///   - life: The life of the entry that keeps it.
    /// - Returns: The place.
    package func separated(for body: ByteBuffer, life: EntryLife? = nil) -> BodyVariants {
        let copy = BodyVariants(of: body, life: life)
        let observe = state.withLock { $0.observe }
        copy.state.withLock { $0.observe = observe }
        return copy
    }

    /// Has a store asked for room before a variant is kept.
    ///
    /// - Parameter reserve: Is given these variants and the number of bytes and says whether there is room, which it then
    ///   counts as taken.
    package func reserving(_ reserve: @escaping @Sendable (BodyVariants, Int) -> Bool) {
        state.withLock { $0.reserve = reserve }
    }
}
