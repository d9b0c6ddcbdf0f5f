//! What a program may do with a facade's types on several threads, checked by the compiler.

mod m8tes;
mod muxi;
mod mycel;
