/// Composes a key out of bits.
///
/// A constructor names its bits. For a request it takes the value of each, writes them as one JSON object and digests
/// that. The same constructor makes the key of a cached answer and its entity tag.
///
/// ```swift
/// extension KeyConstructor {
///     static let city: KeyConstructor = [
///         "unique_method_id": .uniqueMethodID, "format": .format, "language": .language,
///     ]
///     static let cityHead = city.adding(["user": .user, "geo": .headers(["x-geoip-city"])])
/// }
/// let country = KeyConstructor.cityHead.overriding(["geo": ["x-geoip-country"]]).memoizedForRequest()
/// ```
///
/// The JSON is the one drf-extensions makes (Python's `json.dumps(data, sort_keys=True)`) and the digest is MD5, so that
/// a constructor with the same bits under the same names gives the same keys.
///
/// A constructor is a value. Names are sorted and encoded when it is made, which makes changing one dearer, O(n log n) in
/// the number of bits, than using it.
public struct KeyConstructor: Sendable {
    /// The bits by name, in code-point order of the names.
    var bits: [NamedBit] { storage.bits }

    /// The names of the bits, in code-point order.
    public var names: [String] { bits.map(\.name) }

    /// Whether a request's key is computed once and kept for the rest of the request.
    public let isMemoizedForRequest: Bool

    /// What of a request the bits together tell apart.
    public var separates: RequestSeparation { storage.separates }

    /// What never changes; its identity is the constructor's in a request's memo.
    let storage: Storage

    private init(storage: Storage, isMemoizedForRequest: Bool) {
        self.storage = storage
        self.isMemoizedForRequest = isMemoizedForRequest
    }

    init(bits: [NamedBit], isMemoizedForRequest: Bool = false) {
        self.init(storage: Storage(bits: bits), isMemoizedForRequest: isMemoizedForRequest)
    }

    /// Creates a constructor without bits. Its key is the digest of `{}`.
    public init() {
        self.init(bits: [])
    }

    /// The bit called `name`, or nil. Setting nil removes the bit.
    public subscript(name: String) -> Bit? {
        get { bits.first { $0.matches(name) }?.bit }
        set {
            var bits = bits.filter { !$0.matches(name) }
            if let newValue { bits.append(NamedBit(name: name, bit: newValue)) }
            self = KeyConstructor(bits: bits, isMemoizedForRequest: isMemoizedForRequest)
        }
    }

    /// The bit called `name` when it is of this type, or nil. Setting nil removes the bit.
    public subscript<SomeBit: KeyBit>(name: String) -> SomeBit? {
        get { self[name]?.synchronous as? SomeBit }
        set { self[name] = newValue.map { Bit($0) } as Bit? }
    }

    /// The bit called `name` when it is of this type, or nil. Setting nil removes the bit.
    public subscript<SomeBit: AsyncKeyBit>(name: String) -> SomeBit? {
        get { self[name]?.asynchronous as? SomeBit }
        set { self[name] = newValue.map { Bit($0) } as Bit? }
    }

    /// A constructor with more bits. A bit of a name that exists already takes its place, as in a subclass of the
    /// original's constructors.
    public func adding(_ other: KeyConstructor) -> KeyConstructor {
        let kept = bits.filter { bit in !other.bits.contains { $0.matches(bit.name) } }
        return KeyConstructor(bits: kept + other.bits, isMemoizedForRequest: isMemoizedForRequest)
    }

    /// A constructor without the named bits. Names that it does not have are ignored.
    public func removing(_ names: String...) -> KeyConstructor {
        let kept = bits.filter { bit in !names.contains { bit.matches($0) } }
        return KeyConstructor(bits: kept, isMemoizedForRequest: isMemoizedForRequest)
    }

    /// A constructor whose named bits have other parameters.
    ///
    /// A name that is present decides, also with empty parameters. A name without a bit is a mistake: it stops a debug
    /// build and is ignored in a release build, as drf-extensions ignores it.
    ///
    /// - Parameter parameters: The parameters by the names of bits.
    /// - Returns: A constructor of the same bits.
    public func overriding(_ parameters: [String: KeyParameters]) -> KeyConstructor {
        for name in parameters.keys where self[name] as Bit? == nil {
            assertionFailure("the key constructor has no bit '\(name)'; it has \(names)")
        }
        let bits = bits.map { bit in
            guard let replaced = parameters.first(where: { bit.matches($0.key) }) else { return bit }
            return NamedBit(name: bit.name, bit: bit.bit.overriding(replaced.value))
        }
        return KeyConstructor(bits: bits, isMemoizedForRequest: isMemoizedForRequest)
    }

    /// The same constructor, which computes its key once per request, route and path parameters.
    ///
    /// Two middleware that share the result evaluate each bit once; copies of one constructor share it, separately made
    /// ones do not. The key is forgotten when a handler of an unsafe method has run.
    public func memoizedForRequest() -> KeyConstructor {
        KeyConstructor(storage: storage, isMemoizedForRequest: true)
    }
}

extension KeyConstructor: ExpressibleByDictionaryLiteral {
    /// Creates a constructor from names and bits. A name must not stand twice.
    public init(dictionaryLiteral elements: (String, Bit)...) {
        self.init(bits: elements.map { NamedBit(name: $0, bit: $1) })
        precondition(bits.count == elements.count, "a bit's name stands twice in \(elements.map(\.0))")
    }
}

extension KeyConstructor {
    /// A bit under its name.
    struct NamedBit: Sendable {
        let name: String
        /// The name as the key's JSON has it.
        let encodedName: [UInt8]
        let bit: Bit

        init(name: String, bit: Bit) {
            self.name = name
            self.encodedName = KeyWriter.encodedName(name)
            self.bit = bit
        }

        /// Names are compared by code points: two spellings of one character are two names, as in the original.
        func matches(_ name: String) -> Bool { self.name.utf8.elementsEqual(name.utf8) }
    }

    /// The bits of a constructor and what is known of them together.
    final class Storage: Sendable {
        let bits: [NamedBit]
        let separates: RequestSeparation
        /// The number of bits that have to be waited for.
        let asynchronousCount: Int

        init(bits: [NamedBit]) {
            var unique: [NamedBit] = []
            for bit in bits.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
                if let last = unique.last, last.matches(bit.name) { unique.removeLast() }
                unique.append(bit)
            }
            self.bits = unique
            self.separates = unique.reduce(.none) { $0.union($1.bit.separates) }
            self.asynchronousCount = unique.count { $0.bit.asynchronous != nil }
        }
    }
}
