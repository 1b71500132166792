extension KeyConstructor {
    /// A bit under its name.
    struct NamedBit: Sendable, Hashable {
        let name: String
        let bit: Bit

        /// Names are compared by code points: two spellings of one character are two names, as in the original.
        func matches(_ name: String) -> Bool { self.name.utf8.elementsEqual(name.utf8) }

        static func == (left: NamedBit, right: NamedBit) -> Bool {
            left.matches(right.name) && left.bit == right.bit
        }
    }

    /// A bit that almost every key has, and that writes no more than a text, or what is almost always empty: calling it
    /// through an existential costs more than what it does.
    enum DirectBit: Sendable, Hashable {
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

    /// The bits of a constructor and what is known of them together.
    final class Storage: Sendable {
        let bits: [NamedBit]
        let separates: RequestSeparation
        /// Whether a bit has to be waited for.
        let isAsynchronous: Bool
        /// What stands before each bit's value, one after the other: a brace or comma, the name and a colon.
        let prefixes: [UInt8]
        /// Where each bit's prefix ends.
        let prefixEnds: [Int]
        /// The bits that are written without a call through an existential.
        let directBits: [DirectBit?]
        /// The keys made last; nil when they depend on more than ``KeyInputs``, or not on the target: a short key is made faster
        /// than it is found.
        let recentKeys: RecentKeys?
        /// The same bits with the view where these have view and method; nil when no bit has the method.
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
            self.recentKeys =
                directBits.allSatisfy { $0 != nil } && directBits.contains(.target) ? RecentKeys() : nil
            self.separates = unique.reduce(.none) { $0.union($1.bit.separates) }
            self.isAsynchronous = unique.contains { $0.bit.asynchronous != nil }
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
