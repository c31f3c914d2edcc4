//! Structural rewrites: a pattern with holes and a template, learned from pairs of wrong and right code.
