extension KeyConstructor {
    /// A bit under its name.
    struct NamedBit: Sendable, Hashable {
        let name: String
        let bit: Bit

        /// Returns whether the bit has this name. Names are compared by code points, as in drf-extensions.
        func matches(_ name: String) -> Bool { self.name.utf8.elementsEqual(name.utf8) }

        static func == (left: NamedBit, right: NamedBit) -> Bool {
            left.matches(right.name) && left.bit == right.bit
        }
    }

    /// A common bit that is called without an existential, because such a call would cost more than the bit's work.
    enum DirectBit: Sendable, Hashable, CaseIterable {
        case uniqueViewID, uniqueMethodID, format, language, user, scheme, host, target, pathParameters, arguments

        init?(_ bit: any KeyBit) {
            switch bit {
            case is UniqueViewIDKeyBit: self = .uniqueViewID
            case is UniqueMethodIDKeyBit: self = .uniqueMethodID
            case is FormatKeyBit: self = .format
            case is LanguageKeyBit: self = .language
            case is UserKeyBit: self = .user
            case is SchemeKeyBit: self = .scheme
            case is HostKeyBit: self = .host
            case is TargetKeyBit: self = .target
            case let bit as PathParametersKeyBit where bit.takesAll: self = .pathParameters
            case let bit as ArgumentsKeyBit where bit.takesAll: self = .arguments
            default: return nil
            }
        }
    }

    /// A bit that is called without copying its existential, which would cost more than the call.
    final class ImmediateBit: Sendable {
        let bit: any ImmediateKeyBit

        init(_ bit: any ImmediateKeyBit) { self.bit = bit }
    }

    /// The bits of a constructor and the values derived from them.
    final class Storage: Sendable {
        let bits: [NamedBit]
        let inputs: ExchangeInputs
        let separates: RequestSeparation
        /// Whether a bit is asynchronous.
        let isAsynchronous: Bool
        /// Whether every asynchronous bit, if there is any, usually has its value in memory, so that most keys need no waiting.
        let isImmediate: Bool
        /// Whether a synchronous bit does not declare its inputs. It may be expensive, so it is not evaluated in vain.
        let hasUndeclaredInputs: Bool
        /// The concatenated prefixes of the bits' values: a brace or comma, the name and a colon.
        let prefixes: [UInt8]
        /// The end of each bit's prefix.
        let prefixEnds: [Int]
        /// The bits that are called without an existential.
        let directBits: [DirectBit?]
        /// The asynchronous bits that usually have their value in memory.
        let immediateBits: [ImmediateBit?]
        /// The cache of recently computed keys, or nil if the inputs do not permit one.
        let recentKeys: RecentKeys?
        /// The same bits with ``UniqueViewIDKeyBit`` for ``UniqueMethodIDKeyBit``, or nil without the latter.
        let viewBits: Storage?

        init(bits: [NamedBit]) {
            var unique: [NamedBit] = []
            for bit in bits.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
                if let last = unique.last, last.matches(bit.name) { unique.removeLast() }
                unique.append(bit)
            }
            var prefixes: [UInt8] = []
            var ends: [Int] = []
            for bit in unique {
                prefixes += prefixes.isEmpty ? Array("{".utf8) : Array(", ".utf8)
                prefixes += KeyWriter.encodedName(bit.name)
                ends.append(prefixes.count)
            }
            self.bits = unique
            self.prefixes = prefixes
            self.prefixEnds = ends
            self.directBits = unique.map { $0.bit.synchronous.flatMap(DirectBit.init) }
            self.inputs = unique.reduce(into: []) { $0.formUnion($1.bit.inputs) }
            self.immediateBits = unique.map { ($0.bit.asynchronous as? any ImmediateKeyBit).map(ImmediateBit.init) }
            self.isAsynchronous = unique.contains { $0.bit.asynchronous != nil }
            self.hasUndeclaredInputs = unique.contains { $0.bit.synchronous?.inputs == .all }
            self.isImmediate = zip(unique, immediateBits).allSatisfy { $0.bit.asynchronous == nil || $1 != nil }
            self.recentKeys = isAsynchronous ? nil : RecentKeys(comparing: inputs)
            self.separates = unique.reduce(.none) { $0.union($1.bit.separates) }
            self.viewBits =
                if unique.contains(where: { $0.bit == .uniqueMethodID }) {
                    Storage(
                        bits: unique.map {
                            $0.bit == .uniqueMethodID ? NamedBit(name: $0.name, bit: .uniqueViewID) : $0
                        }
                    )
                } else {
                    nil
                }
        }
    }
}
