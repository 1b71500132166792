import Foundation

/// SHA-256 (FIPS 180-4), for the hashes of a Content-Security-Policy. The package does not depend on a cryptographic library for it.
enum SHA256Digest {
    /// Returns the digest of a text as UTF-8, in base64.
    static func base64(of text: String) -> String {
        var bytes = Array(text.utf8)
        let bitCount = UInt64(bytes.count) * 8
        bytes.append(0x80)
        while bytes.count % 64 != 56 { bytes.append(0) }
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: bitCount >> shift)) }
        var state = fractions(of: primes.prefix(8)) { $0.squareRoot() }
        for start in stride(from: 0, to: bytes.count, by: 64) { compress(bytes[start..<start + 64], into: &state) }
        var digest = Data()
        for word in state {
            for shift in stride(from: 24, through: 0, by: -8) {
                digest.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return digest.base64EncodedString()
    }

    private static let primes = (2...311).filter { number in !(2..<number).contains { number % $0 == 0 } }
    private static let constants = fractions(of: primes.prefix(64)) { cubeRoot($0) }

    /// Returns the first 32 bits of the fractions of roots.
    private static func fractions(of numbers: ArraySlice<Int>, root: (Double) -> Double) -> [UInt32] {
        numbers.map { number in
            let root = root(Double(number))
            return UInt32((root - root.rounded(.down)) * 4_294_967_296)
        }
    }

    private static func cubeRoot(_ number: Double) -> Double { cbrt(number) }

    private static func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
        let block = Array(block)
        var words = (0..<16).map { index in
            block[4 * index..<4 * index + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        for index in 16..<64 {
            let (first, second) = (words[index - 15], words[index - 2])
            let low = rotated(first, 7) ^ rotated(first, 18) ^ first >> 3
            let high = rotated(second, 17) ^ rotated(second, 19) ^ second >> 10
            words.append(words[index - 16] &+ low &+ words[index - 7] &+ high)
        }
        var round = state
        for index in 0..<64 {
            let (a, b, c, e, f, g) = (round[0], round[1], round[2], round[4], round[5], round[6])
            let choice = (e & f) ^ (~e & g)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            let first =
                round[7] &+ (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) &+ choice &+ constants[index]
                &+ words[index]
            let second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) &+ majority
            round = [first &+ second, a, b, c, round[3] &+ first, e, f, g]
        }
        for index in state.indices { state[index] &+= round[index] }
    }
}
